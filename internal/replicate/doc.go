// Package replicate holds measurements that others have published, each figure with
// its source, and puts beside them what came out of their repetition.
package replicate
