//! Random bytes as a lab file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outside::lab_file(bytes));
