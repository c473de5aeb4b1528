//! Made-up bytes as what a raw socket hears.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outside::replies(bytes));
