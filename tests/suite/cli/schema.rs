//! Results are as the checked-in schemas say.

use serde_json::{Value, json};

use super::Scratch;

#[test]
fn reports_are_as_the_schema_says() {
    for case in ["five-node", "hybrid", "all-in-one", "admin-password"] {
        let scratch = Scratch::of(case);
        scratch.put("in/notes/other.bin", b"\0\x01");
        check("report", &scratch.run(&["plan", "in", "--format", "json"]).json());
    }
}

/// Checks a result by `schema/NAME.schema.json`. A field that the schema does not name is a fault too.
#[track_caller]
pub fn check(name: &str, result: &Value) {
    let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(result).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
