#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| latchkey_oracles::forwarded_request::check(text));
