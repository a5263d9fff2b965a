#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apim_migrate_fuzz::properties::xml(bytes));
