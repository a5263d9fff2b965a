use super::settings::is_custom_class;
use super::{Row, rows};

#[test]
fn rows_are_complete_and_named_once() {
    let rows = rows();
    let mut ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rows.len());
    let shown = |row: &Row| row.always || !row.signs.is_empty() || !row.files.is_empty();
    for row in rows {
        assert!(shown(row), "{} has no sign", row.id);
        assert!(row.text.ends_with('.') && !row.title.ends_with('.'), "{}", row.id);
        assert_eq!(row.files.is_empty(), row.says.is_empty(), "{}: files and what to do with them", row.id);
    }
}

#[test]
fn tells_own_classes_from_others() {
    for (text, own) in [
        ("com.acme.apim.AcmeJwtGenerator", true),
        ("org.wso2.carbon.apimgt.keymgt.token.JWTGenerator", false),
        ("com.mysql.jdbc.Driver", false),
        ("km.example.com", false),
        ("Carbon.Security.KeyStore", false),
        ("com.acme.JWT", true),
        ("https://com.acme.Store", false),
    ] {
        assert_eq!(is_custom_class(text), own, "{text}");
    }
}
