; HMOVE in every cycle of a line: the loop takes 77 cycles. Each object gets another motion, each
; frame the next of the 16; the picture shows where the objects have got to and the blanked pixels.

motion  = $E0

        ORG ORIGIN
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK
        LDA #$D8
        STA COLUP0
        STA COLUBK
        LDA #$5C
        STA COLUP1
        LDA #$0E
        STA COLUPF
        LDA #$80
        STA GRP0
        STA GRP1
        STA ENAM1
        LDA #2
        STA ENAM0
        STA ENAM1
        STA ENABL
        LDX #HMBL-HMP0
        LDA motion
motions STA HMP0,X
        CLC
        ADC #$30
        DEX
        BPL motions
        LDA motion
        ADC #$10
        STA motion
        LDX #0
pass    STA HMOVE               ; 3
        LDY #13                 ; 2
delay   DEY
        BNE delay               ; 64 together
        LDA motion            ; 3
        INX                     ; 2
        BNE pass                ; 3, a line has 76
        CLV
        BVC frame
