//! What the template engine was seen to do with each construct, one by one.

use super::super::data::{Data, Map};
use super::{parse, render};

fn values() -> Map {
    let text = Data::text;
    let entry = Data::map(Map::from([("name".to_owned(), text("q"))]));
    Map::from(
        [
            ("s", text("abc")),
            ("n", Data::Integer(5)),
            ("b", Data::Boolean(true)),
            ("f", Data::Boolean(false)),
            ("e", text("")),
            ("pair", text("h:1")),
            ("l", Data::list(vec![text("x"), text("y")])),
            ("m", Data::map(Map::from([("k".to_owned(), text("v"))]))),
            ("tables", Data::list(vec![entry])),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

fn rendered(text: &str) -> String {
    let blocks = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match render(&blocks, &values()) {
        Ok(text) => text.trim_end_matches('\n').to_owned(),
        Err(error) => format!("!! {error}"),
    }
}

#[test]
fn prints_values() {
    for (template, expected) in [
        ("{{ nope }}|{{ nope.a.b }}|{{ s.a }}|{{ l.a }}", "|||"),
        ("{{ l[0] }}|{{ l[5] }}|{{ m['k'] }}|{{ m['z'] }}|{{ nope['k'] }}|{{ s[0] }}", "x||v|||"),
        ("{{ s|join(',') }}|{{ n|join(',') }}|{{ m|join(',') }}|{{ nope|join(',') }}", "abc|5|v|"),
        ("{{ s|length }}|{{ n|length }}|{{ m|length }}|{{ nope|length }}|{{ l|length }}", "3|0|1|0|2"),
        ("{{ s | default('q') }}|{{ nope | default('q') }}|{{ e | default('q') }}", "abc|q|"),
        ("{{ nope | default(false) | string | lower }}|{{ b | string }}|{{ nope|string }}", "false|true|null"),
        ("{{ pair.split(':')[1] }}|{{ s.split(':')[0] }}|{{ s.split(':')[1] }}", "1|abc|"),
        ("{{ l.toList()|join('-') }}|{{ nope.toList() }}", "x-y|"),
        ("{{ s if n }}|{{ s if nope }}|{{ s if e else 'z' }}", "abc||z"),
        (
            "{{ nope or {} }}|{{ s and n }}|{{ not s }}|{{ !nope }}|{{ s && n }}|{{ e || f }}",
            "{}|true|false|true|true|false",
        ),
        ("{{ l + tables }}|{{ l + nope }}|{{ s + n }}|{{ n + 1 }}", "[x, y, {name=q}]|[x, y, null]|abc5|6"),
        ("{{ 'x' in l }}|{{ 'k' in m }}|{{ 'a' in s }}|{{ 'a' in nope }}", "true|true|true|false"),
        (
            "{{ 2 < l.toList()|length }}|{{ nope < 3 }}|{{ s|length>0 }}|{{ l and l|length==0 }}",
            "false|false|true|false",
        ),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn tests_values() {
    for (template, expected) in [
        (
            "{{ s is defined }}|{{ nope is not defined }}|{{ m.z is defined }}|{{ e is defined }}",
            "true|true|false|true",
        ),
        ("{{ b is sameas true }}|{{ s is sameas true }}|{{ f is sameas false }}", "true|false|true"),
        ("{{ s is sequence }}|{{ l is sequence }}|{{ m is mapping }}|{{ s is string }}", "false|true|true|true"),
        ("{{ nope is defined && nope is sameas true }}|{{ (s is defined) and (nope is defined) }}", "false|false"),
        ("{% if 'False' %}1{% else %}0{% endif %}{% if e %}1{% elif n %}2{% endif %}", "02"),
        ("{% if nope %}{{ n == 'a' }}{% endif %}ok", "ok"),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn walks_through_lists_and_tables() {
    for (template, expected) in [
        ("{% for k,v in m.items() %}{{k}}={{v}};{% endfor %}", "k=v;"),
        ("{% for k in m.items() %}{{k}};{% endfor %}", "k=v;"),
        ("{% for k in m %}{{k}};{% endfor %}", "v;"),
        ("{% for k in s %}{{k}};{% endfor %}{% for k in nope %}{{k}}{% endfor %}", "abc;"),
        ("{% for k in l %}{{k}}{{loop.index}}{{',' if not loop.last}}{% endfor %}", "x1,y2"),
        ("{% for k in tables %}{{k.name}}{% endfor %}", "q"),
        ("{% set t = 0 %}{% for k in l %}{% set t = t + loop.index %}{{ t }}{% endfor %}{{ t }}", "130"),
        ("{% set q = [] %}{% for k in l %}{% if q.append(1) %}{% endif %}{% endfor %}{{ q|length }}", "2"),
        ("{% set q = [] %}{% do q.append(s) %}{{ q }}{% do nope.append(s) %}", "[abc]"),
        ("{% macro tag(a) %}<{{ a }}>{% endmacro %}{{ tag(s) }}{{ tag(nope) }}", "<abc><>"),
        ("{% if s %}a{% endif %}b{% endif %}c", "abc"),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn stops_where_the_engine_stops() {
    for (template, expected) in [
        ("{% for k,v in s.items() %}{% endfor %}", "!! `s`: a text has no items()"),
        ("{% for k,v in l.items() %}{% endfor %}", "!! `l`: a list has no items()"),
        ("{{ e.toList() }}", "!! `e`: a text has no toList()"),
        ("{{ m.k.items() }}", "!! `m.k`: a text has no items()"),
        ("{{ n.split(':') }}", "!! `n`: a number has no split()"),
        ("{{ n == 'loadbalance' }}", "!! `n, 'loadbalance'`: a number and a text cannot be compared"),
        ("{{ n == true }}", "!! `n, true`: a number and a boolean cannot be compared"),
        ("{{ nope + l }}", "!! `nope, l`: a nothing and a list cannot be added"),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn says_where_a_template_cannot_be_read() {
    for (text, line, column, what) in [
        ("a\n {% while x %}", 2, 2, "the tag `while`"),
        ("{{ a|upper }}", 1, 1, "the filter `upper`"),
        ("{{ a is even }}", 1, 1, "the test `even`"),
        ("\n{% if a %}", 2, 1, "a tag that is not closed"),
        ("{% for a in b %}{% endif %}{% endfor %}", 1, 17, "an `endif` without its beginning"),
        ("{{ 1 + }}", 1, 1, "an expression that ends too early"),
        ("{{ a b }}", 1, 1, "`a b` is more than one expression"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.position.line, error.position.column, error.what.as_str()), (line, column, what), "{text}");
    }
}

#[test]
fn survives_deep_nesting() {
    for text in [
        format!("{{{{ {}x{} }}}}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{{{{ {}x }}}}", "not ".repeat(20_000)),
        "{% if a %}".repeat(20_000),
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".to_owned(),
    ] {
        if let Ok(blocks) = parse(&text) {
            let _ = render(&blocks, &Map::new());
        }
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "(?s)(.|[{}%#'|()\\[\\]. \n]|if|for|in|end){0,60}") {
        if let Ok(blocks) = parse(&text) {
            let _ = render(&blocks, &values());
        }
    }
}
