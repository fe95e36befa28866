; Both players in all sizes and copies (NUSIZ 0 to 7, a band of 32 lines each) with other graphics
; in each line; from frame to frame delayed (VDELP) and mirrored (REFP) or not.

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
        LDA #$2A
        STA COLUP0
        LDA #$84
        STA COLUP1
        INC time
        LDA time
        STA VDELP0              ; bit 0
        ASL
        ASL
        STA REFP0               ; bit 3: every other pair of frames
        EOR #8
        STA REFP1
        LDX #0
        STA WSYNC
        NOP
        NOP
        LDA.w time
        LDA.w time
        LDA.w time
        STA RESP0               ; in the left third of the line
        STA RESP1
lines   STA WSYNC
        STX GRP0
        TXA
        LSR
        LSR
        LSR
        LSR
        LSR
        STA NUSIZ0
        EOR #7
        STA NUSIZ1
        STX GRP1
        INX
        BNE lines
        CLV
        BVC frame
