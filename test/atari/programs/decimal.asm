; ADC and SBC in decimal mode for every A, every operand and both carries. Results and flags are
; mixed into a byte each. Has no frames of its own: each ends after 25,000 instructions.

accu    = $E0
operand = $E1
carry   = $E2
adc_a   = $E3
adc_p   = $E4
sbc_a   = $E5
sbc_p   = $E6

        ORG ORIGIN
        SED
loop    LDA carry
        LSR
        LDA accu
        ADC operand
        PHP
        EOR adc_a
        ROL
        STA adc_a
        PLA
        EOR adc_p
        ROL
        STA adc_p
        LDA carry
        LSR
        LDA accu
        SBC operand
        PHP
        EOR sbc_a
        ROL
        STA sbc_a
        PLA
        EOR sbc_p
        ROL
        STA sbc_p
        INC operand
        BNE loop
        INC accu
        BNE loop
        INC carry
        LDA carry
        CMP #2
        BNE loop
done    CLV
        BVC done
