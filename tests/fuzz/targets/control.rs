//! Random bytes as a line of a lab's control socket.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| outside::control(bytes));
