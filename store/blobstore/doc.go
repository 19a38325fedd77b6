// Package blobstore keeps files that are too large for a database: in a folder, or with a
// service that speaks S3's protocol. A file lies under a key made of its account and of its
// own checksum: the same file is there once, however often it is put, and no name that a
// person gave is ever part of a path. It knows accounts by number and nothing else of
// Deskmate. What it keeps is not encrypted; a disk or a bucket may do that.
package blobstore
