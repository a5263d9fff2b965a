use super::*;
use crate::text::Parts as _;

fn naming() -> Naming {
    [("Property", "@name"), ("parameter", "@name"), ("datasource", "name"), ("Environment", "Name")]
        .into_iter()
        .map(|(element, by)| (element.to_owned(), by.to_owned()))
        .collect()
}

/// Each leaf as `line:column path=value`.
fn shown(text: &str) -> Vec<String> {
    let leaves = xml(text, &naming()).unwrap_or_else(|damage| panic!("{text:?}: {damage}")).leaves.into_iter();
    leaves.map(|leaf| format!("{}:{} {}={}", leaf.position.line, leaf.position.column, leaf.path, leaf.value)).collect()
}

/// Each oddity as `line:column code`.
fn odd(text: &str) -> Vec<String> {
    let oddities = xml(text, &naming()).unwrap_or_else(|damage| panic!("{text:?}: {damage}")).oddities.into_iter();
    oddities.map(|odd| format!("{}:{} {}", odd.position.line, odd.position.column, odd.code)).collect()
}

#[test]
fn finds_leaves_where_they_stand() {
    let cases: &[(&str, &[&str])] = &[
        ("<a/>", &["1:1 /a="]),
        ("<a></a>", &["1:1 /a="]),
        ("<a> \n </a>", &["1:1 /a= \n "]),
        ("<a>x</a>", &["1:4 /a=x"]),
        ("\u{feff}<?xml version='1.0'?>\r\n<a>\r\n\t x\r\n</a>\r\n", &["3:3 /a=\n\t x\n"]),
        (
            "<a b='1' c = \"é\"\n d=''><e f='2'/>\t<g>ü</g></a>",
            &["1:7 /a/@b=1", "1:15 /a/@c=é", "2:5 /a/@d=", "2:13 /a/e/@f=2", "2:7 /a/e=", "2:21 /a/g=ü"],
        ),
        ("<a><![CDATA[ <x>&amp; ]]></a>", &["1:14 /a= <x>&amp; "]),
        ("<a>x<![CDATA[y\r\nz]]>&lt;&#65;&#x42;</a>", &["1:4 /a=xy\nz<AB"]),
        ("<a>x<!-- <b>no</b> --> y</a>", &["1:4 /a=x y"]),
        ("<a><!-- only --></a>", &["1:1 /a="]),
        ("<a><?pi x?><b>1</b><!-- <b>2</b> --><b>3</b></a>", &["1:15 /a/b=1", "1:40 /a/b[2]=3"]),
        ("<a b='x&#10;y&quot;\tz\r\n'/>", &["1:7 /a/@b=x\ny\" z ", "1:1 /a="]),
        (
            "<p:a xmlns='u' xmlns:p='v'><p:b p:c='1' c='2'/></p:a>",
            &["1:38 /a/b/@c=1", "1:44 /a/b/@c[2]=2", "1:28 /a/b="],
        ),
        ("<a><b>1</b><c/><b>2</b><b/></a>", &["1:7 /a/b=1", "1:12 /a/c=", "1:19 /a/b[2]=2", "1:24 /a/b[3]="]),
        ("<!DOCTYPE a [<!-- ]> --><!ENTITY x \"y &amp; z\"> <!ENTITY % p 'q'>]><a>&x;</a>", &["1:71 /a=y & z"]),
    ];
    for (text, expected) in cases {
        assert_eq!(&shown(text), expected, "{text:?}");
        assert_eq!(odd(text), [""; 0], "{text:?}");
    }
}

#[test]
fn names_elements_by_attribute_or_child() {
    let cases: &[(&str, &[&str])] = &[
        (
            "<a><Property name='x'>1</Property><Property name='it&apos;s'>2</Property><Property>3</Property><Property name='x'>4</Property></a>",
            &[
                "1:20 /a/Property[@name='x']/@name=x",
                "1:23 /a/Property[@name='x']=1",
                "1:51 /a/Property[@name='it's']/@name=it's",
                "1:62 /a/Property[@name='it's']=2",
                "1:84 /a/Property=3",
                "1:112 /a/Property[@name='x'][2]/@name=x",
                "1:115 /a/Property[@name='x'][2]=4",
            ],
        ),
        (
            "<d>\n<datasource><definition><name>no</name></definition><name>\n A </name></datasource>\n<datasource><name/></datasource><datasource><x/></datasource></d>",
            &[
                "2:31 /d/datasource[name='A']/definition/name=no",
                "3:2 /d/datasource[name='A']/name=\n A ",
                "4:13 /d/datasource/name=",
                "4:45 /d/datasource[2]/x=",
            ],
        ),
        (
            "<e><Environment type='h'><Url>u</Url><Name>n</Name></Environment></e>",
            &[
                "1:23 /e/Environment[Name='n']/@type=h",
                "1:31 /e/Environment[Name='n']/Url=u",
                "1:44 /e/Environment[Name='n']/Name=n",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(&shown(text), expected, "{text:?}");
    }
}

#[test]
fn reads_what_was_meant_and_says_so() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("<a>x & y&z; &amp;</a>", &["1:4 /a=x & y&z; &"], &["1:6 xml-repaired", "1:9 value-unreadable"]),
        ("<a b='u?x=1&y=2'/>", &["1:7 /a/@b=u?x=1&y=2", "1:1 /a="], &["1:12 xml-repaired"]),
        (
            "<a>&#0;&#xD800;&#+65;</a>",
            &["1:4 /a=&#0;&#xD800;&#+65;"],
            &["1:4 value-unreadable", "1:8 value-unreadable", "1:16 value-unreadable"],
        ),
        ("<a>&</a>", &["1:4 /a=&"], &["1:4 xml-repaired"]),
        (
            "<a>\n#<b>1</b> ... <c/>\n……</a>",
            &["2:5 /a/b=1", "2:15 /a/c="],
            &["2:1 stray-text", "2:11 stray-text", "3:1 stray-text"],
        ),
        ("<U>\n  Type>Binary</Type>\n  <T>1</T></U>", &["2:8 /U/Type=Binary", "3:6 /U/T=1"], &["2:3 xml-repaired"]),
        (
            "<U><T>1</T> x Type>B</Type></U>",
            &["1:7 /U/T=1", "1:20 /U/Type=B"],
            &["1:13 stray-text", "1:15 xml-repaired"],
        ),
        ("StreamProcessor<A>1</A> x", &["1:19 /A=1"], &["1:1 xml-repaired", "1:25 xml-repaired"]),
        ("<A>1</A>\n<B>2</B><C>", &["1:4 /A=1"], &["2:1 configuration-damaged"]),
        ("\n<?xml version='1.0'?><A/>", &["2:22 /A="], &["2:1 xml-repaired"]),
        ("<a><!-- x -- > --><b/></a>", &["1:19 /a/b="], &["1:4 xml-repaired"]),
        ("<a><!-- x <!-- y --> z --><b/></a>", &["1:27 /a/b="], &["1:4 xml-repaired", "1:22 stray-text"]),
        ("<!DOCTYPE a [<!ENTITY x '1'><!ENTITY y '&x;&x;'>]><a>&y;</a>", &["1:54 /a=&y;"], &["1:54 value-unreadable"]),
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            &["1:58 /a=&x;"],
            &["1:58 value-unreadable"],
        ),
    ];
    for (text, leaves, oddities) in cases {
        assert_eq!(&shown(text), leaves, "{text:?}");
        assert_eq!(&odd(text), oddities, "{text:?}");
    }
}

#[test]
fn says_where_a_file_is_damaged() {
    let cases = [
        ("", 1, 1, "not an XML file"),
        ("just text", 1, 1, "not an XML file"),
        ("<APIManager>\n <A>1</A>\n", 3, 1, "`</APIManager>` is missing: the file ends inside it"),
        ("<a><b>1</b><c>", 1, 15, "`</c>` is missing"),
        ("<a>\n<b>1</a>", 2, 5, "`</b>` is missing: it was opened at 2:1, and `</a>` comes before"),
        ("<a/></a>", 1, 5, "no element is open"),
        ("<a><!-- x</a>", 1, 4, "`-->` is missing"),
        ("<a><![CDATA[x</a>", 1, 4, "`]]>` is missing"),
        ("<a><?x</a>", 1, 4, "`?>` is missing"),
        ("<a><b", 1, 4, "`>` is missing"),
        ("<a b='", 1, 6, "`'` is missing: the value of attribute `b`"),
        ("<a b=1/>", 1, 6, "a quote was expected"),
        ("<a b/>", 1, 5, "`=` was expected"),
        ("<a b='1'c='2'/>", 1, 9, "a blank was expected"),
        ("<a b='1' b='2'/>", 1, 10, "attribute `b` is given twice"),
        ("<a b='x<y'/>", 1, 8, "`<` cannot stand in the value of attribute `b`"),
        ("<a b=\"x>\n<c d=\"y\"/></a>", 2, 1, "`<` cannot stand"),
        ("<a>\n<50PerMin>1</50PerMin></a>", 2, 1, "`<50PerMin>` is not legal XML"),
        ("<a>1 < 2</a>", 1, 6, "an element's name was expected"),
        ("<a><!DOCTYPE a></a>", 1, 4, "`<!DOCTYPE` must stand before"),
        ("<a><!x></a>", 1, 4, "`<!` begins neither"),
    ];
    for (text, line, column, message) in cases {
        let damage = xml(text, &naming()).expect_err(text);
        assert!(damage.message.contains(message), "{text:?}: {damage}");
        assert_eq!((damage.position.line, damage.position.column), (line, column), "{text:?}: {damage}");
    }
    let damage = xml("<a><50PerMin/></a>", &naming()).unwrap_err();
    assert_eq!(damage.code, Code::XmlIllegalName);
    let damage = xml("<Password>ab<cd</Password>", &naming()).unwrap_err();
    assert!(!damage.message.contains("cd"), "{damage}");
}

#[test]
fn reads_gaps_and_template_marks_as_text() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "<a>\n<U>tcp://<tm-host>:9611</U><b>1</b></a>",
            &["2:4 /a/U=tcp://<tm-host>:9611", "2:31 /a/b=1"],
            &["2:10 xml-repaired"],
        ),
        (
            "<a><U>https://<HOST>:<port>/x</U></a>",
            &["1:7 /a/U=https://<HOST>:<port>/x"],
            &["1:15 xml-repaired", "1:22 xml-repaired"],
        ),
        (
            "<a><H><km-host></H><I><IP of km></I></a>",
            &["1:7 /a/H=<km-host>", "1:23 /a/I=<IP of km>"],
            &["1:7 xml-repaired", "1:23 xml-repaired"],
        ),
        (
            "<H>jdbc:mysql://<DB_HOST>:3306/x?a=1&amp;b</H>",
            &["1:4 /H=jdbc:mysql://<DB_HOST>:3306/x?a=1&b"],
            &["1:17 xml-repaired"],
        ),
        (
            "<a u='tcp://<h>:1' v=\"<%= x[\"y\"] && 'z' %>\"/>",
            &["1:7 /a/@u=tcp://<h>:1", "1:23 /a/@v=<%= x[\"y\"] && 'z' %>", "1:1 /a="],
            &["1:13 xml-repaired"],
        ),
        (
            "<a>\n<% if x > 1 %>\n<b>é<%= scope['x'] %>:1</b><c>2</c><% end %>\n</a>",
            &["3:4 /a/b=é<%= scope['x'] %>:1", "3:31 /a/c=2"],
            &["2:1 template-mark", "3:36 template-mark"],
        ),
        ("<a><e><n> <%= n %> </n></e></a>", &["1:11 /a/e/n= <%= n %> "], &[]),
        (
            "<Environment><Name><%= n %></Name></Environment>",
            &["1:20 /Environment[Name='<%= n %>']/Name=<%= n %>"],
            &[],
        ),
    ];
    for (text, leaves, oddities) in cases {
        assert_eq!(&shown(text), leaves, "{text:?}");
        assert_eq!(&odd(text), oddities, "{text:?}");
    }
    let damaged = [
        ("<a>tcp://<h>:1\n<b>2</b>", 2, 9, "an end tag is missing"),
        ("<a><b>tcp://<h>:1</b>\n<c>2</a>", 2, 5, "`</c>` is missing"),
        ("<a><b>tcp://<h>:1</b>\n", 2, 1, "`</a>` is missing"),
        ("<a><b><%= x</b></a>", 1, 7, "an element's name was expected"),
        ("<a><b><c/>x<h>:1</b></a>", 1, 17, "an end tag is missing"),
        ("<a><b>tcp://<h>:1</b><c d=\"<e>\n</c></a>", 1, 27, "`\"` is missing"),
        ("<a>\u{e000}<b>tcp://<h>:1</b></a>", 1, 19, "an end tag is missing"),
    ];
    for (text, line, column, message) in damaged {
        let damage = xml(text, &naming()).expect_err(text);
        assert!(damage.message.contains(message), "{text:?}: {damage}");
        assert_eq!((damage.position.line, damage.position.column), (line, column), "{text:?}: {damage}");
        assert_eq!(damage.code, Code::ConfigurationDamaged);
    }
}

#[test]
fn bounds_depth_and_expansion() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(xml(&nested(256), &naming()).unwrap().leaves.len(), 1);
    assert!(xml(&nested(257), &naming()).unwrap_err().message.contains("nested more than 256"));
    let bomb = format!("<!DOCTYPE a [<!ENTITY x '{}'>]><a>{}</a>", "y".repeat(10_000), "&x;".repeat(10_000));
    assert!(xml(&bomb, &naming()).unwrap_err().message.contains("expand to more than 1 MiB"));
}

#[test]
fn refuses_every_file_cut_short() {
    let whole = "<?xml version=\"1.0\"?>\n<!-- c -->\n<a b='1'><c><![CDATA[x]]></c>&amp;<d e=\"2\"/><!-- y --></a>";
    assert!(xml(whole, &naming()).is_ok());
    for end in 0..whole.len() {
        assert!(xml(whole.part(..end), &naming()).is_err(), "{}", whole.part(..end));
    }
}

#[test]
fn borrows_values_without_references() {
    let leaves = xml("<a b='1'><c>x</c><d><![CDATA[y]]></d></a>", &naming()).unwrap().leaves;
    assert!(leaves.iter().all(|leaf| matches!(leaf.value, Cow::Borrowed(_))));
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "(?s)(.|<[a/!?]|<a-b>|<%|%>|</a>|<a|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&|;|&#|x='|[\\]\\[a-c=\"'>/\r\n ]|<!DOCTYPE|<!ENTITY){0,40}") {
        check(&text);
        check(&format!("<a>{text}</a>"));
        check(&format!("<!DOCTYPE a [{text}]><a b='{text}'>&a;</a>"));
    }
}

fn check(text: &str) {
    match xml(text, &naming()) {
        Err(damage) => assert!(crate::read::position::lies_in(damage.position, text), "{text:?}"),
        Ok(found) => {
            let leaves = found.leaves.iter().map(|leaf| leaf.position);
            for position in leaves.chain(found.oddities.iter().map(|oddity| oddity.position)) {
                assert!(crate::read::position::lies_in(position, text), "{text:?}");
            }
        }
    }
}
