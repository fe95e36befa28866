; Every documented instruction in every addressing mode. What stands after the semicolon is what the
; MOS MCS6500 manual says of it: its cycles, then in hexadecimal what it leaves in a register, in P
; (the flags among NVDIZC that are set then) or in memory. Everything else must stay as it was.

        ORG $F000
start   LDX #$FF          ; 2 X=FF P=N
        TXS               ; 2 P=N
        LDX #0            ; 2 X=00 P=Z
        NOP               ; 2 P=Z

; Stores in all their modes, never a cycle more
        LDA #$5A          ; 2 A=5A P=
        LDX #$81          ; 2 X=81 P=N
        LDY #$83          ; 2 Y=83 P=N
        STA $80           ; 3 $80=5A
        STX $81           ; 3 $81=81
        STY $82           ; 3 $82=83
        STA.w $83         ; 4 $83=5A
        STX.w $84         ; 4 $84=81
        STY.w $85         ; 4 $85=83
        LDX #6            ; 2 X=06 P=
        LDY #7            ; 2 Y=07 P=
        STA $80,X         ; 4 $86=5A
        STY $81,X         ; 4 $87=07
        STX $80,Y         ; 4 $87=06
        STA.w $82,X       ; 5 $88=5A
        STA.w $82,Y       ; 5 $89=5A
        LDX #$FF          ; 2 X=FF P=N
        STA $8B,X         ; 4 $8A=5A
        STA.w $8C,X       ; 5 $8B=5A
        LDY #$FF          ; 2 Y=FF P=N
        STA.w $8D,Y       ; 5 $8C=5A

; Pointers: $90 to low, $92 to $0080; low lies 16 bytes before the end of a page
        LDA #<low         ; 2 A=F0 P=N
        STA $90           ; 3 $90=F0
        LDA #>low         ; 2 A=FD P=N
        STA $91           ; 3 $91=FD
        LDA #$80          ; 2 A=80 P=N
        STA $92           ; 3 $92=80
        LDA #0            ; 2 A=00 P=Z
        STA $93           ; 3 $93=00
        LDA #$77          ; 2 A=77 P=
        LDX #2            ; 2 X=02 P=
        STA ($90,X)       ; 6 $80=77
        LDY #$1C          ; 2 Y=1C P=
        STA ($92),Y       ; 6 $9C=77
        LDX #$F2          ; 2 X=F2 P=N
        STA ($A0,X)       ; 6 $80=77

; Loads: within a page, into the next one, around the end of zero page
        LDA #0            ; 2 A=00 P=Z
        LDA #$80          ; 2 A=80 P=N
        LDA $80           ; 3 A=77 P=
        LDX #1            ; 2 X=01 P=
        LDY #2            ; 2 Y=02 P=
        LDA $80,X         ; 4 A=81 P=N
        LDA low           ; 4 A=10 P=
        LDA low,X         ; 4 A=11 P=
        LDA low,Y         ; 4 A=12 P=
        LDX #$10          ; 2 X=10 P=
        LDA low,X         ; 5 A=E0 P=N
        LDY #$1F          ; 2 Y=1F P=
        LDA low,Y         ; 5 A=EF P=N
        LDX #$F0          ; 2 X=F0 P=N
        LDA ($A0,X)       ; 6 A=10 P=
        LDY #$0F          ; 2 Y=0F P=
        LDA ($90),Y       ; 5 A=1F P=
        LDY #$10          ; 2 Y=10 P=
        LDA ($90),Y       ; 6 A=E0 P=N
        LDX #$C1          ; 2 X=C1 P=N
        LDA $C1,X         ; 4 A=83 P=N
        LDX #$03          ; 2 X=03 P=
        LDX $80           ; 3 X=77 P=
        LDY #1            ; 2 Y=01 P=
        LDX $80,Y         ; 4 X=81 P=N
        LDX low           ; 4 X=10 P=
        LDX low,Y         ; 4 X=11 P=
        LDY #$11          ; 2 Y=11 P=
        LDX low,Y         ; 5 X=E1 P=N
        LDY #$00          ; 2 Y=00 P=Z
        LDY $82           ; 3 Y=83 P=N
        LDX #2            ; 2 X=02 P=
        LDY $80,X         ; 4 Y=83 P=N
        LDY low           ; 4 Y=10 P=
        LDY low,X         ; 4 Y=12 P=
        LDX #$12          ; 2 X=12 P=
        LDY low,X         ; 5 Y=E2 P=N

; ORA
        LDX #1            ; 2 X=01 P=
        LDY #$10          ; 2 Y=10 P=
        LDA #$01          ; 2 A=01 P=
        ORA #$93          ; 2 A=93 P=N
        ORA $80           ; 3 A=F7 P=N
        ORA $80,X         ; 4 A=F7 P=N
        ORA low           ; 4 A=F7 P=N
        ORA low,X         ; 4 A=F7 P=N
        ORA low,Y         ; 5 A=F7 P=N
        LDX #$13          ; 2 X=13 P=
        ORA low,X         ; 5 A=F7 P=N
        LDY #$03          ; 2 Y=03 P=
        ORA low,Y         ; 4 A=F7 P=N
        LDX #$F0          ; 2 X=F0 P=N
        ORA ($A0,X)       ; 6 A=F7 P=N
        ORA ($90),Y       ; 5 A=F7 P=N
        LDY #$14          ; 2 Y=14 P=
        ORA ($90),Y       ; 6 A=F7 P=N

; AND
        LDX #1            ; 2 X=01 P=
        LDY #$10          ; 2 Y=10 P=
        LDA #$FF          ; 2 A=FF P=N
        AND #$93          ; 2 A=93 P=N
        AND $80           ; 3 A=13 P=
        AND $80,X         ; 4 A=01 P=
        AND low           ; 4 A=00 P=Z
        AND low,X         ; 4 A=00 P=Z
        AND low,Y         ; 5 A=00 P=Z
        LDX #$13          ; 2 X=13 P=
        AND low,X         ; 5 A=00 P=Z
        LDY #$03          ; 2 Y=03 P=
        AND low,Y         ; 4 A=00 P=Z
        LDX #$F0          ; 2 X=F0 P=N
        AND ($A0,X)       ; 6 A=00 P=Z
        AND ($90),Y       ; 5 A=00 P=Z
        LDY #$14          ; 2 Y=14 P=
        AND ($90),Y       ; 6 A=00 P=Z

; EOR
        LDX #1            ; 2 X=01 P=
        LDY #$10          ; 2 Y=10 P=
        LDA #$3C          ; 2 A=3C P=
        EOR #$93          ; 2 A=AF P=N
        EOR $80           ; 3 A=D8 P=N
        EOR $80,X         ; 4 A=59 P=
        EOR low           ; 4 A=49 P=
        EOR low,X         ; 4 A=58 P=
        EOR low,Y         ; 5 A=B8 P=N
        LDX #$13          ; 2 X=13 P=
        EOR low,X         ; 5 A=5B P=
        LDY #$03          ; 2 Y=03 P=
        EOR low,Y         ; 4 A=48 P=
        LDX #$F0          ; 2 X=F0 P=N
        EOR ($A0,X)       ; 6 A=58 P=
        EOR ($90),Y       ; 5 A=4B P=
        LDY #$14          ; 2 Y=14 P=
        EOR ($90),Y       ; 6 A=AF P=N
        CLC               ; 2 P=N

; ADC
        LDX #1            ; 2 X=01 P=
        LDY #$10          ; 2 Y=10 P=
        LDA #$50          ; 2 A=50 P=
        ADC #$93          ; 2 A=E3 P=N
        ADC $80           ; 3 A=5A P=C
        ADC $80,X         ; 4 A=DC P=N
        ADC low           ; 4 A=EC P=N
        ADC low,X         ; 4 A=FD P=N
        ADC low,Y         ; 5 A=DD P=NC
        LDX #$13          ; 2 X=13 P=C
        ADC low,X         ; 5 A=C1 P=NC
        LDY #$03          ; 2 Y=03 P=C
        ADC low,Y         ; 4 A=D5 P=N
        LDX #$F0          ; 2 X=F0 P=N
        ADC ($A0,X)       ; 6 A=E5 P=N
        ADC ($90),Y       ; 5 A=F8 P=N
        LDY #$14          ; 2 Y=14 P=
        ADC ($90),Y       ; 6 A=DC P=NC
        SEC               ; 2 P=NC

; SBC
        LDX #1            ; 2 X=01 P=C
        LDY #$10          ; 2 Y=10 P=C
        LDA #$50          ; 2 A=50 P=C
        SBC #$93          ; 2 A=BD P=NV
        SBC $80           ; 3 A=45 P=VC
        SBC $80,X         ; 4 A=C4 P=NV
        SBC low           ; 4 A=B3 P=NC
        SBC low,X         ; 4 A=A2 P=NC
        SBC low,Y         ; 5 A=C2 P=N
        LDX #$13          ; 2 X=13 P=
        SBC low,X         ; 5 A=DE P=N
        LDY #$03          ; 2 Y=03 P=
        SBC low,Y         ; 4 A=CA P=NC
        LDX #$F0          ; 2 X=F0 P=NC
        SBC ($A0,X)       ; 6 A=BA P=NC
        SBC ($90),Y       ; 5 A=A7 P=NC
        LDY #$14          ; 2 Y=14 P=C
        SBC ($90),Y       ; 6 A=C3 P=N

; CMP
        LDX #1            ; 2 X=01 P=
        LDY #$10          ; 2 Y=10 P=
        LDA #$93          ; 2 A=93 P=N
        CMP #$93          ; 2 P=ZC
        CMP $80           ; 3 P=C
        CMP $80,X         ; 4 P=C
        CMP low           ; 4 P=NC
        CMP low,X         ; 4 P=NC
        CMP low,Y         ; 5 P=N
        LDX #$13          ; 2 X=13 P=
        CMP low,X         ; 5 P=N
        LDY #$03          ; 2 Y=03 P=
        CMP low,Y         ; 4 P=NC
        LDX #$F0          ; 2 X=F0 P=NC
        CMP ($A0,X)       ; 6 P=NC
        CMP ($90),Y       ; 5 P=NC
        LDY #$14          ; 2 Y=14 P=C
        CMP ($90),Y       ; 6 P=N

; Signed overflow, and the carry of every sign
        LDA #$50          ; 2 A=50 P=
        ADC #$10          ; 2 A=60 P=
        LDA #$50          ; 2 A=50 P=
        ADC #$50          ; 2 A=A0 P=NV
        LDA #$D0          ; 2 A=D0 P=NV
        ADC #$90          ; 2 A=60 P=VC
        LDA #$D0          ; 2 A=D0 P=NVC
        ADC #$30          ; 2 A=01 P=C
        LDA #$7F          ; 2 A=7F P=C
        ADC #$00          ; 2 A=80 P=NV
        LDA #$FF          ; 2 A=FF P=NV
        ADC #$FF          ; 2 A=FE P=NC
        LDA #$80          ; 2 A=80 P=NC
        ADC #$FF          ; 2 A=80 P=NC
        LDA #$50          ; 2 A=50 P=C
        SBC #$F0          ; 2 A=60 P=
        LDA #$50          ; 2 A=50 P=
        SBC #$B0          ; 2 A=9F P=NV
        LDA #$D0          ; 2 A=D0 P=NV
        SBC #$70          ; 2 A=5F P=VC
        LDA #$50          ; 2 A=50 P=VC
        SBC #$30          ; 2 A=20 P=C
        LDA #$00          ; 2 A=00 P=ZC
        SBC #$00          ; 2 A=00 P=ZC
        LDA #$80          ; 2 A=80 P=NC
        SBC #$01          ; 2 A=7F P=VC

; Decimal mode
        SED               ; 2 P=VDC
        LDA #$58          ; 2 A=58 P=VDC
        ADC #$46          ; 2 A=05 P=DC
        LDA #$12          ; 2 A=12 P=DC
        ADC #$34          ; 2 A=47 P=D
        LDA #$81          ; 2 A=81 P=ND
        ADC #$92          ; 2 A=73 P=VDC
        LDA #$99          ; 2 A=99 P=NVDC
        ADC #$00          ; 2 A=00 P=DZC
        LDA #$46          ; 2 A=46 P=DC
        SBC #$12          ; 2 A=34 P=DC
        LDA #$40          ; 2 A=40 P=DC
        SBC #$13          ; 2 A=27 P=DC
        LDA #$32          ; 2 A=32 P=DC
        SBC #$02          ; 2 A=30 P=DC
        LDA #$12          ; 2 A=12 P=DC
        SBC #$21          ; 2 A=91 P=NVD
        LDA #$00          ; 2 A=00 P=VDZ
        SBC #$00          ; 2 A=99 P=NVD
        CLD               ; 2 P=NV

; CPX, CPY, BIT
        LDX #$5A          ; 2 X=5A P=V
        CPX #$5B          ; 2 P=NV
        CPX $80           ; 3 P=NV
        CPX low           ; 4 P=VC
        LDY #$10          ; 2 Y=10 P=VC
        CPY #$10          ; 2 P=VZC
        CPY $80           ; 3 P=NV
        CPY low           ; 4 P=VZC
        LDA #$20          ; 2 A=20 P=VC
        BIT $80           ; 3 P=VC
        LDA #$C0          ; 2 A=C0 P=NVC
        STA $94           ; 3 $94=C0
        BIT $94           ; 3 P=NVC
        BIT.w $94         ; 4 P=NVC
        LDA #$3F          ; 2 A=3F P=VC
        BIT $94           ; 3 P=NVZC
        BIT low           ; 4 P=C

; Read, change, write
        LDX #3            ; 2 X=03 P=C
        LDA #$C1          ; 2 A=C1 P=NC
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        ASL $A0           ; 5 $A0=82 P=NC
        ASL $9E,X         ; 6 $A1=82 P=NC
        ASL.w $A3         ; 6 $A3=82 P=NC
        ASL.w $A1,X       ; 7 $A4=82 P=NC
        ASL $A0           ; 5 $A0=04 P=C
        LDX #$FF          ; 2 X=FF P=NC
        ASL $A2,X         ; 6 $A1=04 P=C
        ASL.w $A5,X       ; 7 $A4=04 P=C
        LDA #$81          ; 2 A=81 P=NC
        ASL               ; 2 A=02 P=C
        ASL               ; 2 A=04 P=
        ASL               ; 2 A=08 P=
        LDX #3            ; 2 X=03 P=
        LDA #$C1          ; 2 A=C1 P=N
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        LSR $A0           ; 5 $A0=60 P=C
        LSR $9E,X         ; 6 $A1=60 P=C
        LSR.w $A3         ; 6 $A3=60 P=C
        LSR.w $A1,X       ; 7 $A4=60 P=C
        LSR $A0           ; 5 $A0=30 P=
        LDX #$FF          ; 2 X=FF P=N
        LSR $A2,X         ; 6 $A1=30 P=
        LSR.w $A5,X       ; 7 $A4=30 P=
        LDA #$81          ; 2 A=81 P=N
        LSR               ; 2 A=40 P=C
        LSR               ; 2 A=20 P=
        LSR               ; 2 A=10 P=
        LDX #3            ; 2 X=03 P=
        LDA #$C1          ; 2 A=C1 P=N
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        ROL $A0           ; 5 $A0=82 P=NC
        ROL $9E,X         ; 6 $A1=83 P=NC
        ROL.w $A3         ; 6 $A3=83 P=NC
        ROL.w $A1,X       ; 7 $A4=83 P=NC
        ROL $A0           ; 5 $A0=05 P=C
        LDX #$FF          ; 2 X=FF P=NC
        ROL $A2,X         ; 6 $A1=07 P=C
        ROL.w $A5,X       ; 7 $A4=07 P=C
        LDA #$81          ; 2 A=81 P=NC
        ROL               ; 2 A=03 P=C
        ROL               ; 2 A=07 P=
        ROL               ; 2 A=0E P=
        LDX #3            ; 2 X=03 P=
        LDA #$C1          ; 2 A=C1 P=N
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        ROR $A0           ; 5 $A0=60 P=C
        ROR $9E,X         ; 6 $A1=E0 P=NC
        ROR.w $A3         ; 6 $A3=E0 P=NC
        ROR.w $A1,X       ; 7 $A4=E0 P=NC
        ROR $A0           ; 5 $A0=B0 P=N
        LDX #$FF          ; 2 X=FF P=N
        ROR $A2,X         ; 6 $A1=70 P=
        ROR.w $A5,X       ; 7 $A4=70 P=
        LDA #$81          ; 2 A=81 P=N
        ROR               ; 2 A=40 P=C
        ROR               ; 2 A=A0 P=N
        ROR               ; 2 A=50 P=
        LDX #3            ; 2 X=03 P=
        LDA #$C1          ; 2 A=C1 P=N
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        INC $A0           ; 5 $A0=C2 P=N
        INC $9E,X         ; 6 $A1=C2 P=N
        INC.w $A3         ; 6 $A3=C2 P=N
        INC.w $A1,X       ; 7 $A4=C2 P=N
        INC $A0           ; 5 $A0=C3 P=N
        LDX #$FF          ; 2 X=FF P=N
        INC $A2,X         ; 6 $A1=C3 P=N
        INC.w $A5,X       ; 7 $A4=C3 P=N
        LDX #3            ; 2 X=03 P=
        LDA #$C1          ; 2 A=C1 P=N
        STA $A0           ; 3 $A0=C1
        STA $A1           ; 3 $A1=C1
        STA $A3           ; 3 $A3=C1
        STA $A4           ; 3 $A4=C1
        DEC $A0           ; 5 $A0=C0 P=N
        DEC $9E,X         ; 6 $A1=C0 P=N
        DEC.w $A3         ; 6 $A3=C0 P=N
        DEC.w $A1,X       ; 7 $A4=C0 P=N
        DEC $A0           ; 5 $A0=BF P=N
        LDX #$FF          ; 2 X=FF P=N
        DEC $A2,X         ; 6 $A1=BF P=N
        DEC.w $A5,X       ; 7 $A4=BF P=N

; Registers and flags
        LDA #$80          ; 2 A=80 P=N
        TAX               ; 2 X=80 P=N
        INX               ; 2 X=81 P=N
        TXA               ; 2 A=81 P=N
        TAY               ; 2 Y=81 P=N
        DEY               ; 2 Y=80 P=N
        DEY               ; 2 Y=7F P=
        TYA               ; 2 A=7F P=
        LDY #$FF          ; 2 Y=FF P=N
        INY               ; 2 Y=00 P=Z
        LDX #0            ; 2 X=00 P=Z
        DEX               ; 2 X=FF P=N
        SEC               ; 2 P=NC
        SED               ; 2 P=NDC
        SEI               ; 2 P=NDIC
        CLC               ; 2 P=NDI
        CLD               ; 2 P=NI
        CLI               ; 2 P=N
        LDA #$50          ; 2 A=50 P=
        ADC #$50          ; 2 A=A0 P=NV
        CLV               ; 2 P=N
        NOP               ; 2 P=N

; The stack
        LDX #$FB          ; 2 X=FB P=N
        TXS               ; 2 SP=FB P=N
        LDX #0            ; 2 X=00 P=Z
        TSX               ; 2 X=FB P=N
        LDA #$A5          ; 2 A=A5 P=N
        PHA               ; 3 SP=FA $FB=A5 P=N
        LDA #$C3          ; 2 A=C3 P=N
        PHA               ; 3 SP=F9 $FA=C3 P=N
        PHP               ; 3 SP=F8 $F9=B0 P=N
        PLA               ; 4 A=B0 SP=F9 P=N
        PLP               ; 4 SP=FA P=NVZC
        PLA               ; 4 A=A5 SP=FB P=NVC
        PHA               ; 3 SP=FA $FB=A5 P=NVC
        PHP               ; 3 SP=F9 $FA=F1 P=NVC
        PLP               ; 4 SP=FA P=NVC
        PLA               ; 4 A=A5 SP=FB P=NVC
        TSX               ; 2 X=FB P=NVC

; Branches, not taken and taken; each leads over one that is not
        CLV               ; 2 P=NC
        LDA #1            ; 2 A=01 P=C
        CLC               ; 2 P=
        BMI fail          ; 2
        BVS fail          ; 2
        BCS fail          ; 2
        BEQ fail          ; 2
        BPL taken0        ; 3
        BRK
taken0  BVC taken1        ; 3
        BRK
taken1  BCC taken2        ; 3
        BRK
taken2  BNE taken3        ; 3
        BRK
taken3  LDA #$C0          ; 2 A=C0 P=N
        STA $94           ; 3 $94=C0
        BIT $94           ; 3 P=NV
        SEC               ; 2 P=NVC
        BPL fail          ; 2
        BVC fail          ; 2
        BCC fail          ; 2
        BMI taken4        ; 3
        BRK
taken4  BVS taken5        ; 3
        BRK
taken5  BCS taken6        ; 3
        BRK
taken6  LDA #0            ; 2 A=00 P=VZC
        BNE fail          ; 2
        BEQ taken7        ; 3
        BRK
taken7  JMP (vector)      ; 5

fail    BRK

; JMP (indirect) takes the second byte of its pointer from the start of the same page
        ORG $F8FF
vector  DC.B <far
        ORG $F800
        DC.B >far
        ORG $F900
        DC.B >fail

        ORG $FA80
far     JMP edge          ; 3

; Branches into the next page, and back
        ORG $FAFB
edge    LDA #1            ; 2 A=01 P=VC
        BNE over          ; 4
        BRK
over    BNE back          ; 4
        BRK

        ORG $FAF0
back    JSR routine       ; 6 SP=F9 $FB=FA $FA=F2
        BRK               ; 7 SP=F8 $FB=FA $FA=F5 $F9=71 P=VIC
        DC.B $02          ; BRK skips a byte
        JMP done          ; 3

        ORG $FB20
routine RTS               ; 6 SP=FB
break   RTI               ; 6 SP=FB P=VC
done    BRK

        ORG $FDF0
low     DC.B $10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$1A,$1B,$1C,$1D,$1E,$1F
        DC.B $E0,$E1,$E2,$E3,$E4,$E5,$E6,$E7,$E8,$E9,$EA,$EB,$EC,$ED,$EE,$EF

        ORG $FFFC
        DC.W start
        DC.W break
