; RESP0, RESM0, RESBL and RESP1 in every cycle of a line: the loop takes 77 cycles, so each pass
; strobes one cycle later than the one before. Each frame has another NUSIZ.

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
        LDA #$B5
        STA GRP0
        LDA #$93
        STA GRP1
        LDA #2
        STA ENAM0
        STA ENABL
        LDA time
        ASL
        ASL
        ASL
        ORA time
        STA NUSIZ0              ; copies: time, missile size: time / 2
        STA NUSIZ1
        STA CTRLPF
        INC time
        LDX #0
pass    STA RESP0               ; 3
        STA RESM0               ; 3
        STA RESBL               ; 3
        STA RESP1               ; 3
        LDY #11                 ; 2
delay   DEY
        BNE delay               ; 54 together
        NOP                     ; 2
        NOP                     ; 2
        INX                     ; 2
        BNE pass                ; 3, a line has 76
        CLV
        BVC frame
