//! A lab as other tools read it.

pub mod arm;
