package match

// What the tests look at from outside.
const (
	Traditional = traditional
	Simple      = simple
)
