package match

// What the tests look at from outside.
func TraditionalTable() string { return traditionalTable }
