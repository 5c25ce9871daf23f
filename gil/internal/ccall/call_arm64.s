//go:build linux && cgo && !race

#include "textflag.h"

// func Call(f, arg unsafe.Pointer) int32
//
// The frame is the stack that the C function may use, from its upper end down;
// the prologue makes sure that it is there. C keeps R19 and, as Go wants of
// everybody, R28, which is g.
TEXT ·Call(SB), 0, $8192-20
	MOVD f+0(FP), R9
	MOVD arg+8(FP), R0
	MOVD RSP, R19
	ADD  $8160, R19, R10
	AND  $~15, R10
	MOVD R10, RSP
	CALL (R9)
	MOVD R19, RSP
	MOVW R0, ret+16(FP)
	RET
