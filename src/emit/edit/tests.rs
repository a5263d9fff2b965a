//! Small files of our own and what becomes of them; then any file and any change.

use super::{Edited, Origin, Wanted, edit};
use crate::mapping::catalog::Positions;
use crate::value::Value;

/// What the file shall say: `key = value`, or `key = value < old key` where the value comes from another line.
fn edited(text: &str, wanted: &str) -> Edited {
    edited_with(&[text], wanted)
}

/// A key, its value, and the text and key of the line that it comes from.
type Row = (String, Value, Option<(usize, String)>);

fn edited_with(texts: &[&str], wanted: &str) -> Edited {
    let rows: Vec<Row> = wanted
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (said, from) = line.split_once(" < ").map_or((line, None), |(said, from)| (said, Some(from.trim())));
            let (key, value) = said.split_once(" = ").unwrap();
            let from = from.map(|from| match from.split_once(':') {
                Some((text, key)) => (text.parse().unwrap(), key.to_owned()),
                None => (0, from.to_owned()),
            });
            (key.trim().to_owned(), value_of(&value.parse().unwrap()), from)
        })
        .collect();
    let wanted: Vec<Wanted<'_>> = rows
        .iter()
        .map(|(key, value, from)| Wanted {
            key,
            value,
            positions: Positions { xml: true, ..Positions::default() },
            secret: crate::secret::is_secret_name(key),
            origins: from.iter().map(|(text, key)| Origin { text: *text, key }).collect(),
        })
        .collect();
    edit(texts, &wanted).unwrap()
}

fn value_of(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::Boolean(value) => Value::Boolean(*value.value()),
        toml_edit::Value::Integer(value) => Value::Integer(*value.value()),
        toml_edit::Value::Array(items) => Value::list(items.iter().map(|item| item.as_str().unwrap())),
        other => Value::text(other.as_str().unwrap()),
    }
}

#[track_caller]
fn becomes(text: &str, wanted: &str, expected: &str) {
    let edited = edited(text, wanted);
    assert_eq!(edited.text, expected);
    assert_eq!(edited.faults, []);
}

#[test]
fn leaves_a_file_alone_that_says_what_is_wanted() {
    for text in [
        "",
        "\u{feff}# a file\r\n\r\n[a]\r\n  x = 0x1F # hex\r\n",
        "a = 1",
        "[a]\n\"b.c\".d = 'x'\n[[e]]\nf = [\n  \"x\", # y\n  'z',\n]\n[e.g]\nh = true",
        "x = { y = 1, z = { 'q.r' = \"s\" } } # t\nv = [{ w = 1 }, { w = 2 }]\n",
    ] {
        let leaves = crate::read::toml::toml(text).unwrap().leaves;
        let rows: Vec<String> = leaves
            .iter()
            .map(|leaf| {
                let value = match leaf.value.as_ref() {
                    "0x1F" => "31".to_owned(),
                    text if text.starts_with('[') => "[\"x\", \"z\"]".to_owned(),
                    text if text.parse::<i64>().is_ok() || text == "true" => text.to_owned(),
                    text => format!("\"{text}\""),
                };
                format!("{} = {value}", leaf.path)
            })
            .collect();
        becomes(text, &rows.join("\n"), text);
    }
}

#[test]
fn changes_a_value_in_its_place() {
    becomes(
        "[server]\n# our name\n  hostname   =  'old' # moved twice\noffset=1\n",
        "server.hostname = \"new\"\nserver.offset = 2",
        "[server]\n# our name\n  hostname   =  \"new\" # moved twice\noffset=2\n",
    );
    // The value is the same, its type is not.
    becomes("[a]\nx = \"true\" # on\n", "a.x = true", "[a]\nx = true # on\n");
    becomes("[a]\nx = 3306\n", "a.x = \"3306\"", "[a]\nx = \"3306\"\n");
}

#[test]
fn keeps_what_is_escaped_well_and_mends_what_is_not() {
    let wanted = "a.x = \"p&q<r\"";
    becomes("[a]\nx = 'p&#38;q&lt;r'\n", "a.x = \"p&#38;q<r\"", "[a]\nx = 'p&#38;q&lt;r'\n");
    becomes("[a]\nx = 'p&amp;q&lt;r'\n", wanted, "[a]\nx = 'p&amp;q&lt;r'\n");
    becomes("[a]\nx = 'p&q&lt;r' # note\n", wanted, "[a]\nx = \"p&amp;q&lt;r\" # note\n");
    becomes("[a]\nx = ['p&q', 'r']\n", "a.x = [\"p&q\", \"r\"]", "[a]\nx = [\"p&amp;q\", \"r\"]\n");
}

#[test]
fn changes_lists_over_several_lines_item_by_item() {
    let text = "[a]\nx = [ # all\n  # mind the order\n  'b', # first\n  'c', # second\n  'd' # last\n] # end\n";
    becomes(
        text,
        "a.x = [\"b\", \"d\", \"e\"]",
        "[a]\nx = [ # all\n  # mind the order\n  'b', # first\n  'd', # last\n  \"e\",\n] # end\n",
    );
    becomes(text, "a.x = [\"0\", \"c\"]", "[a]\nx = [ # all\n  # mind the order\n  \"0\",\n  'c', # second\n] # end\n");
    // Several items on one line: written anew, the words of the list stay.
    becomes("[a]\nx = ['b', # 1\n 'c'] # end\n", "a.x = [\"b\"]", "[a]\n# 1\nx = [\"b\"] # end\n");
}

#[test]
fn takes_keys_out_with_what_is_about_them_alone() {
    becomes(
        "[a]\n# about x\nx = 1 # one\n\n# about the rest\ny = 2\nz = 3\n#w = 4\n",
        "a.z = 3",
        "[a]\n# about the rest\nz = 3\n#w = 4\n",
    );
    becomes("[a]\nx = 1\n\ny = 2\n\nz = 3\n", "a.x = 1\na.z = 3", "[a]\nx = 1\n\nz = 3\n");
    becomes("[a]\n# both\nx = 1\ny = 2\n\n[b]\nz = 3\n", "b.z = 3", "[b]\nz = 3\n");
}

#[test]
fn takes_tables_out_that_lost_their_last_key() {
    becomes(
        "# a file\n\n[server]\nx = 1\n\n# about the table\n[a]\ny = 2\n#z = 3\n\n#w = 4\n\n# off for now\n#[b]\n#v = 5\n\n# words\n\n[c]\nu = 6\n",
        "server.x = 1\nc.u = 6",
        "# a file\n\n[server]\nx = 1\n\n# off for now\n#[b]\n#v = 5\n\n# words\n\n[c]\nu = 6\n",
    );
    becomes("[a]\nx = 1\n\n[b]\ny = 2\n", "a.x = 1", "[a]\nx = 1\n");
    becomes("[a]\nx = 1\n\n[b]\ny = 2", "a.x = 1", "[a]\nx = 1\n");
    // A header that only heads tables goes with the last of them; one whose keys were taken out long ago stays.
    becomes("[a]\n\n[a.b]\nx = 1\n\n[c]\n#y = 2\n", "", "[c]\n#y = 2\n");
    becomes("[a]\nx = 1\n[[a.b]]\ny = 2\n", "a.b[0].y = 2", "[[a.b]]\ny = 2\n");
}

#[test]
fn renames_a_key_where_it_stands() {
    becomes(
        "[a]\n  # files\n  local-entries = [ 'x' ] # two\n  other = 1\n",
        "a.local_entries = [\"x\"] < a.local-entries\na.other = 1",
        "[a]\n  # files\n  local_entries = [ 'x' ] # two\n  other = 1\n",
    );
    becomes("a.b.'c.d' = 1\n", "a.b.'e.f' = 1 < a.b.'c.d'", "a.b.'e.f' = 1\n");
}

#[test]
fn moves_a_key_with_its_comments() {
    becomes(
        "[a]\nx = 1\n\n# for you\ny = 'z' # really\n#off = 1\n\n[c]\nu = 1\n",
        "a.x = 1\nc.w = \"z\" < a.y\nc.u = 1",
        "[a]\nx = 1\n\n#off = 1\n\n[c]\nu = 1\n# for you\nw = 'z' # really\n",
    );
    // A table of another file brings its own words.
    let edited = edited_with(
        &["[server]\r\nhostname = 'h'\r\n", "# our directory\n[user_store]\n# read only\ntype = 'ldap' # old\n"],
        "server.hostname = \"h\"\nuser_store.type = \"ldap\" < 1:user_store.type",
    );
    assert_eq!(
        edited.text,
        "[server]\r\nhostname = 'h'\r\n\r\n# our directory\r\n[user_store]\r\n# read only\r\ntype = 'ldap' # old\r\n"
    );
}

#[test]
fn puts_keys_where_the_order_wants_them() {
    becomes(
        "[server]\n  hostname = 'h'\n  # ports\n  offset = 1\n",
        "server.hostname = \"h\"\nserver.server_role = \"default\"\nserver.offset = 1\nserver.node_ip = \"10.0.0.1\"",
        "[server]\n  hostname = 'h'\n  node_ip = \"10.0.0.1\"\n  server_role = \"default\"\n  # ports\n  offset = 1\n",
    );
    becomes(
        "[server]\n# ports\noffset = 1",
        "server.offset = 1\nserver.hostname = \"h\"",
        "[server]\nhostname = \"h\"\n# ports\noffset = 1",
    );
    becomes("[server]\noffset = 1", "server.offset = 1\nserver.use = \"h\"", "[server]\noffset = 1\nuse = \"h\"\n");
    // Tables that are said with dots or in one line cannot have a header of their own.
    becomes(
        "[apim]\nthrottling.x = 1\njwt = { enable = true }\n",
        "apim.throttling.x = 1\napim.throttling.y = 2\napim.throttling.jms.z = 3\napim.jwt.enable = true\napim.jwt.header = \"h\"",
        "[apim]\nthrottling.x = 1\nthrottling.y = 2\nthrottling.jms.z = 3\njwt = { enable = true, header = \"h\" }\n",
    );
    becomes("# words\n\n[a]\nx = 1\n", "a.x = 1\ny = 2", "# words\n\ny = 2\n[a]\nx = 1\n");
}

#[test]
fn puts_tables_where_the_order_wants_them() {
    becomes(
        "[server]\nhostname = 'h'\n\n# the hub\n\n[apim.throttling]\nx = 1\n\n[secrets]\ns = 't'\n",
        "server.hostname = \"h\"\napim.throttling.x = 1\nsecrets.s = \"t\"\napim.event_hub.service_url = \"u\"\n\
         apim.event_hub.publish.url_group[0].urls = [\"v\"]\nservice_provider.r = 1\ndatabase.shared_db.type = \"h2\"",
        "[server]\nhostname = 'h'\n\n[database.shared_db]\ntype = \"h2\"\n\n[apim.event_hub]\nservice_url = \"u\"\n\n\
         [[apim.event_hub.publish.url_group]]\nurls = [\"v\"]\n\n# the hub\n\n[apim.throttling]\nx = 1\n\n\
         [service_provider]\nr = 1\n\n[secrets]\ns = 't'\n",
    );
    // A parent before its children, also where the old file had it behind them.
    becomes("[a.b]\nx = 1\n", "a.b.x = 1\na.y = 2", "[a]\ny = 2\n\n[a.b]\nx = 1\n");
    let swapped = edited("[[a.b]]\nx = 1\n\n[a]\ny = 2", "a.b[0].x = 1\na.y = 2");
    assert_eq!((swapped.text.as_str(), swapped.reordered), ("[a]\ny = 2\n\n[[a.b]]\nx = 1\n", true));
    becomes("[secrets]\ns = 1\n\n[a]\ny = 2\n", "secrets.s = 1\na.y = 2", "[a]\ny = 2\n\n[secrets]\ns = 1\n");
    // Behind tables that no order knows, too.
    becomes("[z]\n[a]\ny = 2\n\n[x]\n", "a.y = 2\nsecrets.s = 1", "[z]\n[a]\ny = 2\n\n[x]\n\n[secrets]\ns = 1\n");
    becomes("", "a.x = 1\nb.y = 2", "[a]\nx = 1\n\n[b]\ny = 2\n");
}

#[test]
fn knows_items_of_arrays_by_what_they_say() {
    let text =
        "[[e]]\nname = 'one'\nx = 1\n[e.p]\ny = 1\n\n# the second\n[[e]]\nname = 'two' # 2\nx = 1\n\n[z]\nw = 1\n";
    becomes(
        text,
        "e[0].name = \"two\"\ne[0].x = 1\nz.w = 1",
        "# the second\n[[e]]\nname = 'two' # 2\nx = 1\n\n[z]\nw = 1\n",
    );
    becomes(
        text,
        "e[0].name = \"two\"\ne[0].x = 1\ne[1].name = \"one\"\ne[1].x = 1\ne[1].p.y = 1\nz.w = 1",
        "# the second\n[[e]]\nname = 'two' # 2\nx = 1\n\n[[e]]\nname = 'one'\nx = 1\n[e.p]\ny = 1\n\n[z]\nw = 1\n",
    );
    becomes(
        text,
        "e[0].name = \"zero\"\ne[0].x = 7\ne[1].name = \"one\"\ne[1].x = 1\ne[1].p.y = 1\ne[2].name = \"two\"\ne[2].x = 1\ne[2].p.q = 3\nz.w = 1",
        "[[e]]\nname = \"zero\"\nx = 7\n\n[[e]]\nname = 'one'\nx = 1\n[e.p]\ny = 1\n\n# the second\n[[e]]\nname = 'two' # 2\nx = 1\n\n[e.p]\nq = 3\n\n[z]\nw = 1\n",
    );
    // What is left of an item that goes would make a table of the array.
    becomes("[[e]]\nx = 1\n[e.p]\n[[e]]\nx = 2\n", "e[0].x = 2", "[[e]]\nx = 2\n");
    becomes("[[e]]\nx = 1\n[e.p]\ny = 1\n", "e[0].p.y = 1", "[[e]]\n[e.p]\ny = 1\n");
    becomes("e = [{ x = 1 }, { x = 2 }]\n", "e[0].x = 2", "e = [{ x = 2 }]\n");
    becomes("a = 1\n", "a = 1\nf[0].g.h = 2", "a = 1\n\n[[f]]\n\n[f.g]\nh = 2\n");
}

#[test]
fn says_what_cannot_stand_beside_another_key() {
    let edited = edited("[a]\nx = 1\n", "a.x = 1\na.x.y = 2\na.'it''s' = 3");
    assert_eq!(edited.text, "[a]\nx = 1\n");
    assert_eq!(edited.faults.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["a.x.y", "a.'it''s'"]);
}

#[test]
fn shows_no_secret() {
    let edited = edited(
        "[a] # password: sesame\npassword = \"sesame\" # was sesame2\n#password = \"sesame3\"\nurl = 'x://u:sesame@h' # pw\nb = { secret = \"sesame\", c = 1 }\n",
        "a.password = \"sesame\"\na.url = \"x://u:sesame@h\"\na.b.secret = \"sesame\"\na.b.c = 1\na.key_password = \"$ref{a.password}\"",
    );
    assert_eq!(
        edited.shown,
        "[a] # password: ********\npassword = \"********\" # ********\n#password = ********\n\
         url = 'x://u:********@h' # pw\nb = { c = 1, secret = \"********\" }\nkey_password = \"$ref{a.password}\"\n"
    );
    assert!(!edited.shown.contains("sesame"));
}

/// Any file, and any change to what it says.
mod any {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::comment::{Comment, kind};
    use super::{Origin, Positions, Value, Wanted, edit, value_of};
    use crate::text::Parts as _;

    /// A file's tables, its lines in each of them, and how it ends its lines.
    fn any_file() -> impl Strategy<Value = String> {
        let name = || prop_oneof!["[a-d]", Just("'x.y'".to_owned()), Just("\"z w\"".to_owned())];
        let value = || {
            prop_oneof![
                "[0-9]{1,3}",
                Just("true".to_owned()),
                "\"[a-c&]{0,3}\"",
                "'[a-c\\\\]{0,3}'",
                Just("[\"a\", 'b']".to_owned()),
                Just("[\n  \"a\", # first\n  'b',\n]".to_owned()),
                Just("{ p = 1, q = { r = \"s\" } }".to_owned()),
                Just("[{ p = 1 }, { p = 2 }]".to_owned()),
            ]
        };
        let note = || prop_oneof![4 => Just(String::new()), 1 => " # [a-z]{1,4}"];
        let line = prop_oneof![
            4 => (name(), value(), note()).prop_map(|(name, value, note)| format!("{name} = {value}{note}\n")),
            1 => (name(), name(), value()).prop_map(|(one, two, value)| format!("  {one}.{two} = {value}\n")),
            1 => Just("\n".to_owned()),
            1 => "# [a-z ]{1,8}\n",
            1 => "#[a-d] = [0-9]\n",
            1 => "#\\[[a-d]\\]\n",
        ];
        let header = (name(), prop::option::of(name()), any::<bool>(), note()).prop_map(|(one, two, item, note)| {
            let table = two.map_or(one.clone(), |two| format!("{one}.{two}"));
            if item { format!("[[{table}]]{note}\n") } else { format!("[{table}]{note}\n") }
        });
        let block = (header, prop::collection::vec(line.clone(), 0..5));
        let blocks = prop::collection::vec(block, 0..6);
        (prop::collection::vec(line, 0..3), blocks, any::<bool>(), any::<bool>()).prop_map(
            |(first, blocks, windows, open)| {
                let mut text = String::new();
                // Only what makes a valid file so far goes in.
                let mut push = |line: &str| {
                    let longer = format!("{text}{line}");
                    if crate::read::toml::toml(&longer).is_ok() {
                        text = longer;
                    }
                };
                for line in &first {
                    push(line);
                }
                for (header, lines) in &blocks {
                    push(header);
                    for line in lines {
                        push(line);
                    }
                }
                let text = if open { text.trim_end_matches('\n').to_owned() } else { text };
                if windows { text.replace('\n', "\r\n") } else { text }
            },
        )
    }

    fn entries(text: &str) -> BTreeMap<String, Value> {
        let leaves = crate::read::toml::toml(text).unwrap_or_else(|damage| panic!("{damage}: {text}")).leaves;
        leaves
            .iter()
            .map(|leaf| {
                let read = |text: &str| text.parse::<toml_edit::Value>();
                let raw = leaf.value.as_ref();
                let value = match read(raw) {
                    Ok(value) if !value.is_str() && !raw.is_empty() => value_of(&value),
                    _ => Value::text(raw),
                };
                (leaf.path.replace('"', "'"), value)
            })
            .collect()
    }

    /// The numbers of array items closed up, as the file counts them.
    fn counted(entries: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let paths: Vec<_> = entries.keys().filter_map(|key| super::super::steps(key).ok()).collect();
        for path in &paths {
            for length in 1..=path.len() {
                if let Some(index) = path[length - 1].index {
                    let mut array = path[..length].to_vec();
                    array[length - 1].index = None;
                    let list = seen.entry(format!("{array:?}")).or_default();
                    if !list.contains(&index) {
                        list.push(index);
                        list.sort_unstable();
                    }
                }
            }
        }
        let number = |key: &str| {
            let path = super::super::steps(key).unwrap();
            let mut out = String::new();
            for (place, step) in path.iter().enumerate() {
                let mut array = path[..=place].to_vec();
                array[place].index = None;
                let rank =
                    step.index.and_then(|index| seen[&format!("{array:?}")].iter().position(|known| *known == index));
                out.extend(["/", &step.name, &rank.map_or(String::new(), |rank| format!("[{rank}]"))]);
            }
            out
        };
        entries.iter().map(|(key, value)| (number(key), value.clone())).collect()
    }

    /// What is done to each key: kept, taken out, given another value, renamed, moved.
    fn changes() -> impl Strategy<Value = Vec<(u8, u16)>> {
        prop::collection::vec((0_u8..12, any::<u16>()), 24)
    }

    fn wanted_of(old: &BTreeMap<String, Value>, changes: &[(u8, u16)]) -> BTreeMap<String, (Value, Option<String>)> {
        let mut wanted = BTreeMap::new();
        for ((key, value), (what, seed)) in old.iter().zip(changes.iter().cycle()) {
            let from = Some(key.clone());
            let table = key.rfind('.').map_or("", |dot| if key.ends_with('\'') { "" } else { key.part(..=dot) });
            match what {
                0 => {}
                1 => drop(wanted.insert(key.clone(), (Value::Integer(i64::from(*seed)), from))),
                2 => drop(wanted.insert(key.clone(), (Value::list(["a", "n&w", "b"]), from))),
                3 => drop(wanted.insert(format!("{table}new{seed}"), (value.clone(), from))),
                4 => drop(wanted.insert(format!("moved.to{}.k{seed}", seed % 3), (value.clone(), from))),
                5 => drop(wanted.insert(format!("moved.items[{}].k{seed}", seed % 3), (value.clone(), from))),
                _ => drop(wanted.insert(key.clone(), (value.clone(), from))),
            }
        }
        if changes[0].1.is_multiple_of(2) {
            wanted.insert("moved.fresh".to_owned(), (Value::text("<"), None));
        }
        wanted
    }

    fn run(text: &str, wanted: &BTreeMap<String, (Value, Option<String>)>) -> super::Edited {
        let wanted: Vec<Wanted<'_>> = wanted
            .iter()
            .map(|(key, (value, from))| Wanted {
                key,
                value,
                positions: Positions { cdata: true, ..Positions::default() },
                secret: false,
                origins: from.iter().map(|key| Origin { text: 0, key }).collect(),
            })
            .collect();
        edit(&[text], &wanted).unwrap()
    }

    fn comments(text: &str) -> Vec<String> {
        let comments = super::super::document::events(text)
            .into_iter()
            .filter(|event| event.kind() == toml_parser::parser::EventKind::Comment);
        comments.map(|event| text.part(event.span().start()..event.span().end()).trim().to_owned()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn says_what_is_wanted_and_nothing_else(text in any_file(), changes in changes()) {
            let wanted = wanted_of(&entries(&text), &changes);
            let edited = run(&text, &wanted);
            let values: BTreeMap<String, Value> = wanted
                .iter()
                .filter(|(key, _)| !edited.faults.iter().any(|(fault, _)| fault == *key))
                .map(|(key, (value, _))| (key.clone(), value.clone()))
                .collect();
            prop_assert_eq!(counted(&entries(&edited.text)), counted(&values), "{}\n---\n{}", text, edited.text);
        }

        #[test]
        fn changes_nothing_where_nothing_changes(text in any_file()) {
            let wanted = entries(&text).into_iter().map(|(key, value)| (key.clone(), (value, Some(key)))).collect();
            let edited = run(&text, &wanted);
            if !edited.reordered {
                prop_assert_eq!(&edited.text, &text);
            }
            let again = run(&edited.text, &entries(&edited.text).into_iter().map(|(key, value)| (key, (value, None))).collect());
            prop_assert_eq!(again.text, edited.text);
        }

        #[test]
        fn is_done_when_it_is_done(text in any_file(), changes in changes()) {
            let edited = run(&text, &wanted_of(&entries(&text), &changes));
            let again = run(&edited.text, &entries(&edited.text).into_iter().map(|(key, value)| (key, (value, None))).collect());
            prop_assert_eq!(again.text, edited.text);
        }

        #[test]
        fn keeps_every_comment_of_a_file_that_only_grows(text in any_file(), seed in any::<u16>()) {
            let mut wanted: BTreeMap<_, _> =
                entries(&text).into_iter().map(|(key, value)| (key.clone(), (value, Some(key)))).collect();
            wanted.insert(format!("fresh.k{}", seed % 2), (Value::Integer(1), None));
            wanted.insert(format!("fresh.t[0].k{}", seed % 3), (Value::Integer(1), None));
            let edited = run(&text, &wanted);
            let mut rest = edited.text.lines();
            if !edited.reordered {
                for line in text.lines() {
                    prop_assert!(rest.any(|other| other == line), "{:?} is lost:\n{}\n---\n{}", line, text, edited.text);
                }
            }
            prop_assert!(!edited.text.contains("\n\n\n") || text.contains("\n\n"));
        }

        #[test]
        fn keeps_comments_of_tables_that_stay(text in any_file(), changes in changes()) {
            let wanted = wanted_of(&entries(&text), &changes);
            let edited = run(&text, &wanted);
            let kept = comments(&edited.text);
            // A table that is commented out belongs to no table that goes.
            for comment in comments(&text).iter().filter(|comment| kind(comment) == Comment::Table) {
                prop_assert!(kept.contains(comment), "{} is lost:\n{}\n---\n{}", comment, text, edited.text);
            }
        }
    }
}
