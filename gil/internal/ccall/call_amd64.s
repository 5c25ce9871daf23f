//go:build linux && cgo && !race

#include "textflag.h"

// CALL_C puts f(arg) into AX. The frame is the stack that the C function
// may use, from its upper end down; the prologue makes sure that it is there. C keeps
// R12. Go expects nothing of the registers after a function written in assembly.
#define CALL_C \
	MOVQ f+0(FP), AX \
	MOVQ arg+8(FP), DI \
	MOVQ SP, R12 \
	LEAQ 8160(SP), CX \
	ANDQ $~15, CX \
	MOVQ CX, SP \
	CALL AX \
	MOVQ R12, SP

// func Call(f, arg unsafe.Pointer) int32
TEXT ·Call(SB), 0, $8192-20
	CALL_C
	MOVL AX, ret+16(FP)
	RET

// func CallPinned(f, arg unsafe.Pointer) int32
//
// A goroutine is not stopped in a function written in assembly, nor in the runtime. The
// runtime's function wants g in R14 and zero in X15.
TEXT ·CallPinned(SB), 0, $8192-20
	CALL_C
	MOVL AX, ret+16(FP)
	MOVQ (TLS), R14
	XORPS X15, X15
	MOVQ ·pin(SB), AX
	CALL AX
	RET
