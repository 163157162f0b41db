//! One module a published format. Each takes the bytes or the text of a file
//! and returns rows and errors; none knows where the file came from.
