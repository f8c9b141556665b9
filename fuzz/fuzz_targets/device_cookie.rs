#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| latchkey_oracles::device_cookie::check(text));
