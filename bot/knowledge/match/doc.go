// Package match finds the entries of a knowledge base that a question may mean and says
// how sure it is: it folds the question ([Fold]), looks for candidates in an index of every
// variant ([Index]), and ranks them.
//
// It knows texts and numbers only: where entries are kept, which account asks, and what is
// said in the end are others' business.
package match
