; Copies what the player does to memory, once a frame: port A, and bit 7 of the four inputs at the left.

port    = $80
inputs  = $81

        ORG $F000
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        LDA #$82                ; capacitors grounded
        STA VBLANK
        LDA #0
        STA VSYNC
        STA WSYNC
        STA VBLANK              ; and let go
        LDX #200
wait    STA WSYNC
        DEX
        BNE wait
        LDA SWCHA
        STA port
        LDA INPT0
        AND #$80
        STA inputs
        LDA INPT1
        AND #$80
        STA inputs+1
        LDA INPT4
        AND #$80
        STA inputs+2
        LDA INPT5
        AND #$80
        STA inputs+3
        JMP frame

        ORG $F7FC
        DC.W frame
        DC.W frame
