; RIOT's timer with each of its four prescalers, from its start to well after its end: 256 reads of
; INTIM and INSTAT are mixed into one byte each.

time    = $E0
intim   = $E1
instat  = $E2

        ORG ORIGIN
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK
        LDA time
        AND #3
        TAX
        LDA time
        ORA #3
        STA.w TIM1T,X
        INC time
        LDX #0
read    LDA INTIM
        EOR intim
        ROL
        STA intim
        LDA INSTAT
        EOR instat
        ROL
        STA instat
        INX
        BNE read
        CLV
        BVC frame
