; Six objects at the left edge, switched on and off by the bits of X; the eight collision registers
; are added up in memory, with the noise that the data bus leaves in their lower bits.

sums    = $E0

        ORG ORIGIN
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK
        LDA #$35                ; missiles 8 wide, players stretched
        STA NUSIZ0
        STA NUSIZ1
        STA CTRLPF
        STA COLUPF
        STA WSYNC
        STA RESP0
        STA RESP1
        STA RESM0
        STA RESM1
        STA RESBL
        LDX #0
next    STA WSYNC
        STX GRP0
        STX PF0
        TXA
        ASL
        STA GRP1
        TXA
        LSR
        STA ENAM0               ; bit 2 of X
        LSR
        STA ENAM1               ; bit 3
        LSR
        STA ENABL               ; bit 4
        STA WSYNC
        STA CXCLR
        STA WSYNC
        LDY #7
read    LDA.w CXM0P,Y
        EOR.w sums,Y
        ROL
        STA.w sums,Y
        DEY
        BPL read
        INX
        INX
        INX
        INX
        BNE next
        CLV
        BVC frame
