//go:build linux && cgo && !race

#include "textflag.h"

// func callOn(stack uintptr, f, a unsafe.Pointer, n int64, b *uint32) int32
//
// C keeps R12. Go expects nothing of the registers after a function written in
// assembly.
TEXT ·callOn(SB), NOSPLIT, $0-44
	MOVQ stack+0(FP), CX
	MOVQ f+8(FP), AX
	MOVQ a+16(FP), DI
	MOVQ n+24(FP), SI
	MOVQ b+32(FP), DX
	MOVQ SP, R12
	MOVQ CX, SP
	CALL AX
	MOVQ R12, SP
	MOVL AX, ret+40(FP)
	RET
