//! Inputs of any size, one part of them growing.

use std::fmt::Write as _;

/// Path below the working folder, and text.
type Files = Vec<(String, String)>;

/// One part of an input that may be large.
pub struct Row {
    /// What grows.
    pub name: &'static str,
    /// How many of it one time are.
    pub size: usize,
    /// The commands that are measured.
    pub commands: &'static [&'static str],
    /// The input with that many of it.
    pub write: fn(usize) -> Files,
    /// Each of its files names all others by necessity: what is written grows faster than what is read, and the work may
    /// grow as that does.
    pub each_names_all: bool,
}

const PLAN: &[&str] = &["plan"];
const BOTH: &[&str] = &["plan", "check"];
const EACH: &[&str] = &["plan", "check", "convert", "text"];

const fn row(name: &'static str, size: usize, commands: &'static [&'static str], write: fn(usize) -> Files) -> Row {
    Row { name, size, commands, write, each_names_all: false }
}

/// As [`row`], where each file names all others.
const fn mesh(name: &'static str, size: usize, commands: &'static [&'static str], write: fn(usize) -> Files) -> Row {
    Row { each_names_all: true, ..row(name, size, commands, write) }
}

/// All that may grow.
pub const ROWS: &[Row] = &[
    // XML of 2.x.
    row("xml bytes of a value", 1_000_000, PLAN, |n| manager(&format!("<Long>{}</Long>", "x".repeat(n)))),
    row("xml bytes of a comment", 4_000_000, PLAN, |n| manager(&format!("<!--{}-->", "x ".repeat(n / 2)))),
    row("xml lines", 200_000, PLAN, |n| manager(&"\n".repeat(n))),
    row("xml unknown elements", 1000, EACH_OF_XML, |n| manager(&each(n, |i| format!("<E{i}>v{i}</E{i}>\n")))),
    row("xml unknown elements of one name", 1000, PLAN, |n| manager(&each(n, |i| format!("<E>{i}</E>\n")))),
    row("xml unknown elements on one line", 1000, PLAN, |n| manager(&each(n, |i| format!("<E{i}>v{i}</E{i}>")))),
    row("xml known elements of one name", 1000, PLAN, |n| {
        manager(&each(n, |i| format!("<DataSourceName>jdbc/D{i}</DataSourceName>\n")))
    }),
    row("xml known elements in unknown ones", 500, PLAN, |n| {
        manager(&each(n, |i| format!("<APIStore><URL>https://s{i}.example.com/store</URL></APIStore>\n")))
    }),
    row("xml attributes", 1000, PLAN, |n| manager(&format!("<Q {}/>", each(n, |i| format!("a{i}='1' "))))),
    row("xml attributes of one name", 1000, PLAN, |n| manager(&format!("<Q {}/>", each(n, |_| "a='1' ".into())))),
    row("xml texts between elements", 1000, PLAN, |n| manager(&each(n, |_| "stray <E>1</E>\n".into()))),
    row("xml references in a text", 20_000, PLAN, |n| manager(&format!("<E>{}</E>", "&amp;".repeat(n)))),
    row("xml unknown references", 1000, PLAN, |n| manager(&format!("<E>{}</E>", "&odd; ".repeat(n)))),
    row("xml entities", 1000, PLAN, |n| {
        vec![(
            "in/repository/conf/api-manager.xml".into(),
            format!(
                "<!DOCTYPE A [{}]><APIManager><E>{}</E></APIManager>",
                each(n, |i| format!("<!ENTITY e{i} 'v{i}'>\n")),
                each(n, |i| format!("&e{i};"))
            ),
        )]
    }),
    row("xml marks of a template", 1000, PLAN, |n| manager(&each(n, |i| format!("<E{i}><%= @v{i} %></E{i}>\n")))),
    row("xml marks like tags", 1000, PLAN, |n| manager(&each(n, |i| format!("<E{i}><your-value-{i}></E{i}>\n")))),
    row("xml missing less-than signs", 500, PLAN, |n| manager(&each(n, |i| format!("E{i}>v{i}</E{i}>\n")))),
    row("xml bare ampersands", 1000, PLAN, |n| manager(&each(n, |i| format!("<E{i}>a & b</E{i}>\n")))),
    row("xml depth", 60, PLAN, |n| manager(&format!("{}1{}", "<E>".repeat(n), "</E>".repeat(n)))),
    row("xml bytes of windows-1252", 200_000, PLAN, |n| manager(&format!("<E>{}</E>", "\u{e9}".repeat(n)))),
    row("environments", 20, PLAN, |n| {
        manager(&format!(
            "<APIGateway><Environments>{}</Environments></APIGateway>",
            each(n, |i| format!(
                "<Environment type='hybrid'><Name>Env {i}</Name><ServerURL>https://gw{i}.example.com:9443/services/\
                 </ServerURL><Username>admin</Username><Password>p{i}</Password><GatewayEndpoint>http://gw{i}.example.com,\
                 https://gw{i}.example.com</GatewayEndpoint></Environment>\n"
            ))
        ))
    }),
    row("data sources", 50, PLAN, |n| {
        let mut files = manager("");
        files.push((
            "in/repository/conf/datasources/master-datasources.xml".into(),
            format!(
                "<datasources-configuration><datasources>{}</datasources></datasources-configuration>",
                each(n, |i| format!(
                    "<datasource><name>DB{i}</name><jndiConfig><name>jdbc/DB{i}</name></jndiConfig><definition \
                     type='RDBMS'><configuration><url>jdbc:mysql://db{i}.example.com/d{i}</url><username>u{i}</username>\
                     <password>p{i}</password><driverClassName>com.mysql.jdbc.Driver</driverClassName></configuration>\
                     </definition></datasource>\n"
                ))
            ),
        ));
        files
    }),
    row("user stores", 50, PLAN, |n| {
        user_manager(&each(n, |i| {
            format!(
                "<UserStoreManager class='org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager'><Property \
                 name='DomainName'>D{i}</Property><Property name='ReadOnly'>false</Property></UserStoreManager>\n"
            )
        }))
    }),
    row("user store files", 50, PLAN, |n| {
        let mut files = manager("");
        files.extend((0..n).map(|i| {
            (
                format!("in/repository/deployment/server/userstores/d{i}.xml"),
                "<UserStoreManager class='a.B'><Property name='DomainName'>D</Property></UserStoreManager>".into(),
            )
        }));
        files
    }),
    row("properties of a user store", 500, PLAN, |n| {
        user_manager(&format!(
            "<UserStoreManager class='org.wso2.carbon.user.core.ldap.ReadOnlyLDAPUserStoreManager'>{}</UserStoreManager>",
            each(n, |i| format!("<Property name='Own{i}'>v{i}</Property>\n"))
        ))
    }),
    row("receivers of a url group", 100, PLAN, |n| throttling(&receivers(n, false), "")),
    row("url groups", 50, PLAN, |n| throttling(&receivers(n, true), "")),
    row("brokers of a JMS URL", 100, PLAN, |n| {
        let list = each(n, |i| format!("tcp://tm{i}.example.com:5672?retries='5';"));
        throttling("", &format!("amqp://admin:pw@clientid/carbon?brokerlist='{list}'"))
    }),
    row("members of a cluster", 200, PLAN, |n| {
        let mut files = manager("");
        files.push((
            "in/repository/conf/axis2/axis2.xml".into(),
            format!(
                "<axisconfig><clustering class='c' enable='true'><members>{}</members></clustering></axisconfig>",
                each(n, |i| format!("<member><hostName>n{i}.example.com</hostName><port>4000</port></member>\n"))
            ),
        ));
        files
    }),
    row("parameters of axis2.xml", 500, PLAN, |n| {
        let mut files = manager("");
        files.push((
            "in/repository/conf/axis2/axis2.xml".into(),
            format!("<axisconfig>{}</axisconfig>", each(n, |i| format!("<parameter name='p{i}'>v</parameter>\n"))),
        ));
        files
    }),
    row("connectors of Tomcat", 100, PLAN, |n| {
        let mut files = manager("");
        files.push((
            "in/repository/conf/tomcat/catalina-server.xml".into(),
            format!(
                "<Server><Service name='Catalina'>{}</Service></Server>",
                each(n, |i| format!("<Connector port='{}' maxThreads='{i}'/>\n", 9000 + i))
            ),
        ));
        files
    }),
    // Properties.
    row("lines of jndi.properties", 1000, PLAN, |n| with("jndi.properties", each(n, |i| format!("own.{i} = v{i}\n")))),
    row("factories of jndi.properties", 100, PLAN, |n| {
        with(
            "jndi.properties",
            each(n, |i| {
                format!(
                    "connectionfactory.F{i} = amqp://a:b@clientid/carbon?brokerlist='tcp://h{i}.example.com:5672'\n"
                )
            }),
        )
    }),
    row("properties of one name", 1000, PLAN, |n| with("jndi.properties", "topic.throttleData = x\n".repeat(n))),
    row("damaged lines of properties", 1000, PLAN, |n| {
        with("jndi.properties", each(n, |i| format!("k{i} = \\u12\n = {i}\nalone{i}\n")))
    }),
    row("continued lines of properties", 5000, PLAN, |n| {
        with("jndi.properties", format!("own.key = {}", "x\\\n".repeat(n)))
    }),
    row("loggers of log4j", 300, PLAN, |n| {
        with("log4j.properties", each(n, |i| format!("log4j.logger.com.example.c{i}=DEBUG\n")))
    }),
    row("names of appenders that are not there", 300, PLAN, |n| {
        with("log4j.properties", format!("log4j.rootLogger=INFO{}\n", each(n, |i| format!(",A{i}"))))
    }),
    row("scopes of a list", 200, PLAN, |n| {
        manager(&format!(
            "<OAuthConfigurations><ScopeWhitelist>{}</ScopeWhitelist></OAuthConfigurations>",
            each(n, |i| format!("<Scope>scope-{i}</Scope>\n"))
        ))
    }),
    row("appenders of log4j", 100, PLAN, |n| {
        with(
            "log4j.properties",
            each(n, |i| {
                format!(
                    "log4j.appender.A{i}=org.apache.log4j.FileAppender\nlog4j.appender.A{i}.File=${{carbon.home}}/a{i}.log\n\
                     log4j.logger.com.example.c{i}=DEBUG, A{i}\n"
                )
            }),
        )
    }),
    row("aliases of the secure vault", 200, PLAN, |n| {
        let mut files = manager(&each(n, |i| format!("<E{i} svns:secretAlias='Own.E{i}'>password</E{i}>\n")));
        let places = each(n, |i| format!("Own.E{i}=repository/conf/api-manager.xml//APIManager/E{i},false\n"));
        let texts = each(n, |i| format!("Own.E{i}=c2VjcmV0{i}\n"));
        files.push(("in/repository/conf/security/cipher-tool.properties".into(), places));
        files.push(("in/repository/conf/security/cipher-text.properties".into(), texts));
        files
    }),
    // Nodes.
    row("nodes of five roles", 10, BOTH, |n| nodes(5 * n)),
    row("all-in-ones", 20, BOTH, |n| (0..n).flat_map(all_in_one).collect()),
    row("nodes with one file", 50, BOTH, |n| {
        (0..n).map(|i| (format!("in/n{i}/repository/conf/carbon.xml"), carbon(&format!("n{i}.example.com")))).collect()
    }),
    row("nodes with a deployment.toml", 20, BOTH, |n| {
        (0..n)
            .map(|i| {
                let text = format!(
                    "[server]\nhostname = \"n{i}.example.com\"\nserver_role = \"default\"\n[super_admin]\nusername = \
                     \"admin\"\npassword = \"admin\"\n[user_store]\ntype = \"database_unique_id\"\n"
                );
                (format!("in/n{i}/repository/conf/deployment.toml"), text)
            })
            .collect()
    }),
    row("gateways of two traffic managers", 20, BOTH, |n| {
        let gateway = |i: usize| {
            let text = format!(
                "[server]\nhostname = \"gw{i}.example.com\"\nserver_role = \"gateway-worker\"\n[[apim.throttling.url_group]]\n\
                 traffic_manager_urls = [\"tcp://tm0.example.com:9611\", \"tcp://tm1.example.com:9611\"]\n\
                 traffic_manager_auth_urls = [\"ssl://tm0.example.com:9711\", \"ssl://tm1.example.com:9711\"]\n"
            );
            (format!("in/gw{i}/repository/conf/deployment.toml"), text)
        };
        (0..n).map(gateway).collect()
    }),
    // Each is a traffic manager too, and each listens to all of them.
    mesh("gateways with a deployment.toml", 20, BOTH, |n| {
        let gateway = |i: usize| {
            let text = format!(
                "[server]\nhostname = \"gw{i}.example.com\"\nserver_role = \"gateway-worker\"\n[[apim.throttling.url_group]]\n\
                 traffic_manager_urls = [\"tcp://gw{}.example.com:9611\"]\ntraffic_manager_auth_urls = \
                 [\"ssl://gw{}.example.com:9711\"]\n",
                i + 1,
                i + 1
            );
            (format!("in/gw{i}/repository/conf/deployment.toml"), text)
        };
        (0..n).map(gateway).collect()
    }),
    row("decisions", 20, PLAN, |n| {
        let mut files: Files = (0..n).flat_map(all_in_one).collect();
        let answers = each(n, |i| format!("n{i} = \"all-in-one\"\n"));
        files.push(("decisions.toml".into(), format!("[node-role]\n{answers}")));
        files
    }),
    row("decisions that nobody asked", 1000, PLAN, |n| {
        let mut files = manager("");
        files.push((
            "decisions.toml".into(),
            format!("[node-role]\n{}", each(n, |i| format!("n{i} = \"all-in-one\"\n"))),
        ));
        files
    }),
    // Files and folders.
    row("folders side by side", 500, BOTH, |n| {
        let mut files = manager("");
        files.extend((0..n).map(|i| (format!("in/docs/d{i}/readme.txt"), String::new())));
        files
    }),
    row("folders of configuration", 200, BOTH, |n| {
        let mut files = manager("");
        files.extend((0..n).map(|i| (format!("in/repository/conf/own/d{i}/x{i}.xml"), "<a>1</a>".into())));
        files
    }),
    row("loose folders of configuration", 200, BOTH, |n| {
        let mut files: Files =
            manager("").into_iter().map(|(path, text)| (path.replace("in/", "in/am/"), text)).collect();
        files.extend((0..n).map(|i| (format!("in/d{i}/x{i}.xml"), "<a>1</a>".into())));
        files
    }),
    row("folders below each other", 15, BOTH, |n| {
        let mut files = manager("");
        files.push((format!("in/{}x.xml", "d/".repeat(n)), "<a>1</a>".into()));
        files
    }),
    row("deployments side by side", 20, BOTH, |n| {
        (0..n)
            .flat_map(|i| {
                let inside = move |(path, text): (String, String)| (path.replace("in/n", &format!("in/d{i}/n")), text);
                all_in_one(2 * i).into_iter().chain(all_in_one(2 * i + 1)).map(inside)
            })
            .collect()
    }),
    // As deep as four homes: deeper the paths themselves grow as the depth times the homes, up to the limit of folders.
    row("homes below each other", 20, BOTH, |n| {
        let file = |tower: usize, depth: usize| {
            (format!("in/t{tower}/{}carbon.xml", "d/conf/".repeat(depth)), carbon("a.example.com"))
        };
        (0..n).flat_map(|tower| (1..=4).map(move |depth| file(tower, depth))).collect()
    }),
    row("files in a folder", 500, BOTH, |n| {
        let mut files = manager("");
        files.extend((0..n).map(|i| (format!("in/repository/conf/x{i}.properties"), "a = 1\n".into())));
        files
    }),
    row("damaged files", 200, PLAN, |n| {
        let mut files = manager("");
        files.extend((0..n).map(|i| (format!("in/n{i}/repository/conf/carbon.xml"), "<Server><a>".into())));
        files
    }),
    row("java options of a script", 1000, PLAN, |n| {
        let mut files = manager("");
        files.push(("in/bin/wso2server.sh".into(), each(n, |i| format!("    -Down.option{i}=v{i} \\\n"))));
        files
    }),
    // deployment.toml.
    row("toml bytes of a value", 1_000_000, BOTH, |n| toml(&format!("[own]\nlong = \"{}\"\n", "x".repeat(n)))),
    row("toml unknown keys", 500, EACH, |n| toml(&format!("[own]\n{}", each(n, |i| format!("key{i:06} = {i}\n"))))),
    row("toml unknown keys of a known table", 500, BOTH, |n| {
        toml(&format!("[apim.jwt]\n{}", each(n, |i| format!("key{i:06} = {i}\n"))))
    }),
    row("toml unknown tables", 100, EACH, |n| toml(&each(n, |i| format!("[own{i:06}.table]\nkey = {i}\n")))),
    row("toml unknown tables of tables", 100, BOTH, |n| toml(&each(n, |i| format!("[[own]]\nkey = {i}\n")))),
    row("toml known tables of tables", 100, EACH, |n| {
        toml(&each(n, |i| format!("[[event_listener]]\nid = \"e{i}\"\ntype = \"a.B\"\nname = \"n{i}\"\norder = {i}\n")))
    }),
    row("toml tables that are called like known ones", 100, BOTH, |n| {
        toml(&each(n, |i| format!("[apim.gatewai{i:06}]\nenable = true\n")))
    }),
    row("toml depth of keys", 40, BOTH, |n| toml(&format!("[own]\n{}x = 1\n", "a.".repeat(n)))),
    row("toml values of a list", 5000, BOTH, |n| {
        toml(&format!("[own]\nlist = [{}]\n", each(n, |i| format!("\"v{i}\", "))))
    }),
    row("toml tables of a list", 200, BOTH, |n| {
        toml(&format!("[own]\nlist = [{}]\n", each(n, |i| format!("{{ a = {i} }}, "))))
    }),
    row("toml keys of an inline table", 500, BOTH, |n| {
        toml(&format!("[own]\ninline = {{ {} z = 1 }}\n", each(n, |i| format!("a{i} = {i}, "))))
    }),
    row("toml environments", 20, BOTH, |n| {
        toml(&each(n, |i| {
            format!(
                "[[apim.gateway.environment]]\nname = \"Env{i}\"\ntype = \"hybrid\"\nservice_url = \
                 \"https://gw{i}.example.com:9443/services/\"\nhttp_endpoint = \"http://gw{i}.example.com:8280\"\n\
                 https_endpoint = \"https://gw{i}.example.com:8243\"\nusername = \"a\"\npassword = \"b\"\n"
            )
        }))
    }),
    row("toml data sources", 50, BOTH, |n| {
        toml(&each(n, |i| {
            format!(
                "[database.db{i}]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db{i}.example.com/d{i}\"\nusername = \"u\"\n\
                 password = \"p\"\n"
            )
        }))
    }),
    row("toml url groups", 30, BOTH, |n| {
        toml(&each(n, |i| {
            format!(
                "[[apim.throttling.url_group]]\ntraffic_manager_urls = [\"tcp://tm{i}.example.com:9611\"]\n\
                 traffic_manager_auth_urls = [\"ssl://tm{i}.example.com:9711\"]\n"
            )
        }))
    }),
    row("toml properties of a user store", 200, BOTH, |n| {
        toml(&format!("[user_store.properties]\n{}", each(n, |i| format!("Own{i} = \"v{i}\"\n"))))
    }),
    row("toml secrets", 400, BOTH, |n| {
        toml(&format!(
            "[own]\n{}[secrets]\n{}",
            each(n, |i| format!("k{i:06} = \"$secret{{s{i:06}}}\"\n")),
            each(n, |i| format!("s{i:06} = \"[p{i}]\"\n"))
        ))
    }),
    row("toml missing secrets", 400, BOTH, |n| {
        toml(&format!("[own]\n{}", each(n, |i| format!("k{i:06} = \"$secret{{s{i:06}}}\"\n"))))
    }),
    row("toml comments", 2000, EACH, |n| toml(&each(n, |i| format!("# comment {i}\n")))),
    row("toml wrong types", 200, &["check"], |n| {
        toml(&each(n, |i| {
            format!("[[apim.gateway.environment]]\nname = \"e{i}\"\ndisplay_in_api_console = \"maybe\"\n")
        }))
    }),
    row("toml placeholders", 200, &["check"], |n| {
        // One key more: a table with one key is told otherwise.
        toml(&format!("[own]\n{}z = 1\n", each(n, |i| format!("k{i:06} = \"${{not-set-{i:06}}}\"\n"))))
    }),
    row("toml errors", 200, BOTH, |n| toml(&each(n, |i| format!("key{i} = not quoted {i}\n")))),
    row("toml keys twice", 200, BOTH, |n| toml(&each(n, |_| "[own]\nkey = 1\n".into()))),
];

const EACH_OF_XML: &[&str] = &["plan", "convert", "text"];

fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, index| {
        let _ = write!(text, "{}", one(index));
        text
    })
}

fn with(name: &str, text: String) -> Files {
    let mut files = manager("");
    files.push((format!("in/repository/conf/{name}"), text));
    files
}

/// A server whose api-manager.xml holds `inside`.
fn manager(inside: &str) -> Files {
    vec![
        ("in/repository/conf/api-manager.xml".into(), format!("<APIManager>{inside}</APIManager>\n")),
        ("in/repository/conf/carbon.xml".into(), carbon("am.example.com")),
    ]
}

fn carbon(host: &str) -> String {
    format!(
        "<Server xmlns='http://wso2.org/projects/carbon/carbon.xml'><Name>WSO2 API Manager</Name><Version>2.6.0</Version>\
         <HostName>{host}</HostName></Server>\n"
    )
}

fn user_manager(inside: &str) -> Files {
    with("user-mgt.xml", format!("<UserManager><Realm>{inside}</Realm></UserManager>\n"))
}

fn throttling(manager_urls: &str, broker: &str) -> Files {
    manager(&format!(
        "<ThrottlingConfigurations><EnableAdvanceThrottling>true</EnableAdvanceThrottling><TrafficManager>{manager_urls}\
         </TrafficManager><JMSConnectionDetails><JMSConnectionParameters><connectionfactory.TopicConnectionFactory>{broker}\
         </connectionfactory.TopicConnectionFactory></JMSConnectionParameters></JMSConnectionDetails>\
         </ThrottlingConfigurations>"
    ))
}

fn receivers(count: usize, apart: bool) -> String {
    let list = |scheme: &str, port: u16| {
        let all = each(count, |i| {
            let (open, close) = if apart { ("{", "}") } else { ("", "") };
            format!("{}{open}{scheme}://tm{i}.example.com:{port}{close}", if i == 0 { "" } else { "," })
        });
        if apart { all } else { format!("{{{all}}}") }
    };
    format!(
        "<ReceiverUrlGroup>{}</ReceiverUrlGroup><AuthUrlGroup>{}</AuthUrlGroup>",
        list("tcp", 9611),
        list("ssl", 9711)
    )
}

fn all_in_one(index: usize) -> Files {
    let home = format!("in/n{index}/repository/conf");
    vec![
        (format!("{home}/carbon.xml"), carbon(&format!("n{index}.example.com"))),
        (format!("{home}/api-manager.xml"), "<APIManager><GatewayType>Synapse</GatewayType></APIManager>".into()),
    ]
}

/// `count` nodes of five roles in turn, each naming one of each other role.
fn nodes(count: usize) -> Files {
    const ROLES: [&str; 5] = ["km", "tm", "pub", "store", "gw"];
    let mut files = Vec::new();
    for index in 0..count {
        let (role, number) = (ROLES[index % 5], index / 5);
        let home = format!("in/{role}-{number}/repository/conf");
        let host = |other: &str| {
            if other == role { "localhost".to_owned() } else { format!("{other}-{number}.example.com") }
        };
        let text = format!(
            "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName><AuthManager><ServerURL>https://{km}:9443/services/\
             </ServerURL></AuthManager><APIGateway><Environments><Environment type='hybrid'><Name>Production</Name><ServerURL>\
             https://{gw}:9443/services/</ServerURL></Environment></Environments></APIGateway><APIKeyValidator><ServerURL>\
             https://{km}:9443/services/</ServerURL></APIKeyValidator><APIStore><URL>https://{store}:9443/store</URL></APIStore>\
             <APIPublisher><URL>https://{publisher}:9443/publisher</URL></APIPublisher><ThrottlingConfigurations><TrafficManager>\
             <ReceiverUrlGroup>tcp://{tm}:9611</ReceiverUrlGroup><AuthUrlGroup>ssl://{tm}:9711</AuthUrlGroup></TrafficManager>\
             </ThrottlingConfigurations></APIManager>",
            km = host("km"),
            gw = host("gw"),
            store = host("store"),
            publisher = host("pub"),
            tm = host("tm"),
        );
        files.push((format!("{home}/api-manager.xml"), text));
        files.push((format!("{home}/carbon.xml"), carbon(&format!("{role}-{number}.example.com"))));
    }
    files
}

/// A server whose deployment.toml ends with `more`.
fn toml(more: &str) -> Files {
    let text = format!(
        "[server]\nhostname = \"am.example.com\"\nserver_role = \"default\"\n\n[super_admin]\nusername = \"admin\"\npassword = \
         \"admin\"\n\n[database.apim_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com/apim\"\nusername = \"a\"\n\
         password = \"b\"\n\n[database.shared_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com/shared\"\nusername = \
         \"a\"\npassword = \"b\"\n\n{more}"
    );
    vec![("in/repository/conf/deployment.toml".into(), text)]
}
