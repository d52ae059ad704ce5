//! Exercises and questions as data, checked and graded.
