//! Random texts as files of Azure's tools.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outside::import(bytes));
