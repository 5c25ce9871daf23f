// Package engine is what the playground computes: it takes the settings of the page
// and returns all that the page shows. It knows nothing of a browser, so that its
// tests need none, and what it finds is what `fibsim run --sim` finds.
//
// [Run] loads a scenario with the changes of the reader, predicts it under the lock
// and without, and folds the runs as every other command does. [Steps] are the
// places where a reader can begin: the article's story, one scenario after the
// other. The controls of an [Answer] follow from the scenario itself, so that one
// of the reader's own has them, too.
package engine
