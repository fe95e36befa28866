; Missiles and ball in all sizes and copies: the line's number is NUSIZ0 and CTRLPF, its complement
; NUSIZ1. Bit 1 of the line's number locks missile 0 to its player (RESMP0), bit 2 lets it go.

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
        LDX #$1E
        STX COLUP0
        LDX #$9A
        STX COLUP1
        LDX #$46
        STX COLUPF
        INC time
        LDX time
        STX GRP0
        STX GRP1
        STX PF1
        STX VDELBL
        LDX #0
        STA WSYNC
        LDA #2
        STA ENAM0
        STA ENAM1
        STA ENABL
        LDA.w time
        STA RESP0
        STA RESM1
        STA RESBL
        STA RESP1
        STA RESM0
lines   STA WSYNC
        STX NUSIZ0
        STX CTRLPF
        TXA
        EOR #$FF
        STA NUSIZ1
        STX RESMP0
        LSR
        STA RESMP1
        INX
        BNE lines
        CLV
        BVC frame
