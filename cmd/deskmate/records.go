package main

import "time"

// searchPatience is how long a search looks before it gives what it has.
const searchPatience = 200 * time.Millisecond
