//! Random bytes as packets from a raw socket.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outside::replies(bytes));
