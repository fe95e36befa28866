; The playfield registers and CTRLPF (mirrored, in the players' colours, before the players) written
; in every cycle of a line: the loop takes 77 cycles. Players, a missile and the ball stand before it.

time    = $E0

        ORG ORIGIN
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK
        LDA #$3C
        STA COLUP0
        LDA #$C6
        STA COLUP1
        LDA #$0E
        STA COLUPF
        LDA #$82
        STA COLUBK
        INC time
        LDA time
        AND #4                  ; 4 frames without, 4 with objects
        STA GRP0
        STA GRP1
        LSR
        STA ENABL
        STA ENAM1
        LDA #7
        STA NUSIZ0
        STA NUSIZ1
        LDX time
pass    STX CTRLPF              ; 3
        STX PF0                 ; 3
        STX PF1                 ; 3
        STX PF2                 ; 3
        LDY #11                 ; 2
delay   DEY
        BNE delay               ; 54 together
        NOP                     ; 2
        NOP                     ; 2
        INX                     ; 2
        BNE pass                ; 3, a line has 76
        CLV
        BVC frame
