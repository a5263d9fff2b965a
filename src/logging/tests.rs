//! The rows of semantics-settings.md 10, one by one.

use super::convert::{convert, shipped_names};
use super::merge::merge;
use super::model::Logging;
use super::old::{self, Line, OldFile};
use super::pattern::{self, Dialect};
use super::text::{additions, escaped};
use super::whole::Product;
use super::{ADDITIONS, place};
use crate::mapping::SettingId;
use crate::mapping::defaults::Defaults;
use crate::mapping::path::without_numbers;
use crate::read::properties::properties;
use crate::source::Place;
use crate::topology::planner::plan::Use;
use crate::version::{Target, Version};

/// The legacy file of the defaults.
const LEGACY: &str = "log4j.properties";

/// The file of a 2.6 node.
fn file(node: u32, text: &str) -> OldFile {
    let defaults = Defaults::built_in();
    let version = Version::new(2, 6);
    let lines = properties(text).leaves.into_iter().enumerate().map(|(index, leaf)| {
        let shipped = defaults.find(LEGACY, &leaf.path).filter(|shipped| !shipped.commented_out);
        let secret = crate::secret::is_secret_name(&leaf.path);
        Line {
            id: SettingId { node, index: index as u32 },
            path: without_numbers(&leaf.path).into_owned(),
            value: leaf.value.to_string(),
            shown: crate::secret::shown(&leaf.value, secret),
            changed: !shipped.is_some_and(|shipped| shipped.is(&leaf.value, version)),
            shipped: shipped.and_then(|shipped| shipped.value(version)).map(str::to_owned),
            place: Place::at("log4j.properties", leaf.position),
        }
    });
    old::sort(lines.collect())
}

fn converted_for(text: &str, target: Target) -> Logging {
    convert(&file(0, text), "apim", &shipped_names(), target)
}

fn converted(text: &str) -> Logging {
    converted_for(text, Target::Current)
}

/// The lines that are written for `text`, comments and blank lines aside.
fn written(text: &str) -> Vec<String> {
    lines_of(&additions("n", &converted(text), &shipped_names()).text)
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// The lines of an appender X of `class` that the root logger names, from `appender.X.` on, without type and name.
fn appender(class: &str, options: &str) -> Vec<String> {
    let options: Vec<String> = options.lines().map(|line| format!("log4j.appender.X.{line}")).collect();
    let text = format!("log4j.rootLogger=ERROR, X\nlog4j.appender.X={class}\n{}", options.join("\n"));
    let lines = written(&text);
    let own = lines.iter().filter_map(|line| line.strip_prefix("appender.X."));
    own.filter(|line| !line.starts_with("name = ")).map(str::to_owned).collect()
}

fn word(logging: &Logging, index: u32) -> Option<&Use> {
    logging.words.get(&SettingId { node: 0, index })
}

#[test]
fn carries_nothing_of_the_shipped_file() {
    for (path, shipped) in Defaults::built_in().rows().filter_map(|(file, path, shipped)| {
        (file == LEGACY && !shipped.commented_out && !path.ends_with(']')).then_some((path, shipped))
    }) {
        let value = shipped.value(Version::new(2, 6)).unwrap_or_default();
        let logging = converted(&format!("{path}={}\n", escaped(value)));
        assert!(logging.is_empty() && logging.words.is_empty(), "{path}");
    }
    assert!(written("log4j.rootLogger=ERROR, CARBON_CONSOLE, CARBON_LOGFILE, ERROR_LOGFILE").is_empty());
}

#[test]
fn converts_the_root_logger() {
    let same = "log4j.rootLogger=ERROR, CARBON_LOGFILE, CARBON_CONSOLE, ERROR_LOGFILE";
    assert_eq!(word(&converted(same), 0), Some(&Use::Default("the new product does the same by default".to_owned())));
    assert_eq!(
        written("log4j.rootCategory=debug, CARBON_LOGFILE, X\nlog4j.appender.X=org.apache.log4j.ConsoleAppender")[4..],
        ["rootLogger.level = DEBUG", "rootLogger.appenderRef.X.ref = X"],
        "the old name has no shipped value"
    );
    let less = converted("log4j.rootLogger=ERROR, CARBON_LOGFILE, ERROR_LOGFILE");
    assert_eq!(less.root.without.keys().collect::<Vec<_>>(), ["CARBON_CONSOLE"]);
    assert!(matches!(word(&less, 0), Some(Use::Manual(how)) if how.contains("CARBON_CONSOLE")));
    assert!(
        additions("n", &less, &shipped_names()).text.contains("# - take out: the appenderRef line to CARBON_CONSOLE")
    );
}

#[test]
fn converts_loggers_and_categories() {
    for head in ["logger", "category"] {
        assert_eq!(
            written(&format!(
                "log4j.{head}.com.acme-x.Gate=debug , CARBON_LOGFILE\nlog4j.additivity.com.acme-x.Gate= FALSE"
            )),
            [
                "logger.com-acme-x-Gate.name = com.acme-x.Gate",
                "logger.com-acme-x-Gate.level = DEBUG",
                "logger.com-acme-x-Gate.additivity = false",
                "logger.com-acme-x-Gate.appenderRef.CARBON_LOGFILE.ref = CARBON_LOGFILE",
            ]
        );
    }
    let text = additions("n", &converted("log4j.logger.a.b=INFO\nlog4j.logger.a-b=WARN"), &shipped_names()).text;
    assert!(text.contains("#     loggers = ..., a-b, a-b-2\n") && text.contains("logger.a-b-2.name = a-b\n"), "{text}");
    assert_eq!(
        written("log4j.logger.org.wso2=DEBUG"),
        ["logger.org-wso2.name = org.wso2", "logger.org-wso2.level = DEBUG"]
    );
    let alone = converted("log4j.additivity.com.acme=false");
    assert!(alone.is_empty() && matches!(word(&alone, 0), Some(Use::Retired(_))));
}

#[test]
fn writes_no_level_where_there_is_none() {
    for value in ["", ", CARBON_LOGFILE", "INHERITED, CARBON_LOGFILE", "null, CARBON_LOGFILE"] {
        let lines = written(&format!("log4j.logger.com.acme={value}"));
        assert!(!lines.iter().any(|line| line.contains(".level")), "{value}: {lines:?}");
    }
    let custom = converted("log4j.logger.com.acme=NOTICE#com.acme.Levels");
    assert!(matches!(word(&custom, 0), Some(Use::Manual(_))));
    assert_eq!(custom.quotes[0].lines, ["log4j.logger.com.acme=NOTICE#com.acme.Levels"]);
}

#[test]
fn converts_console_appenders() {
    for class in ["org.apache.log4j.ConsoleAppender", "org.wso2.carbon.utils.logging.appenders.CarbonConsoleAppender"] {
        assert_eq!(
            appender(class, "Target=System.err\nImmediateFlush=True\nlayout=org.apache.log4j.SimpleLayout"),
            [
                "type = Console",
                "target = SYSTEM_ERR",
                "immediateFlush = true",
                "layout.type = PatternLayout",
                "layout.pattern = %p - %m%n",
            ]
        );
    }
}

#[test]
fn converts_file_appenders() {
    assert_eq!(
        appender(
            "org.apache.log4j.FileAppender",
            "file=/var/log/a.log\nappend=false\nBufferedIO=true\nbufferSize=9\nencoding=UTF-8\nthreshold=warn"
        ),
        [
            "type = File",
            "fileName = /var/log/a.log",
            "append = false",
            "bufferedIo = true",
            "bufferSize = 9",
            "immediateFlush = false",
            "layout.type = PatternLayout",
            "layout.pattern = %m%n",
            "layout.charset = UTF-8",
            "filter.threshold.type = ThresholdFilter",
            "filter.threshold.level = WARN",
        ]
    );
}

#[test]
fn converts_daily_files() {
    for (pattern, date) in [
        ("", "yyyy-MM-dd"),
        ("DatePattern='.'yyyy-MM-dd", "yyyy-MM-dd"),
        ("DatePattern='.'yyyy-MM-dd-HH", "yyyy-MM-dd-HH"),
        ("datePattern='_'yyyyMMdd'.log'", "yyyyMMdd"),
        ("DatePattern=.yyyy-MM", "yyyy-MM"),
    ] {
        for class in [
            "org.apache.log4j.DailyRollingFileAppender",
            "org.wso2.carbon.utils.logging.appenders.CarbonDailyRollingFileAppender",
        ] {
            let lines = appender(class, &format!("File=/a/b.log\n{pattern}"));
            assert_eq!(
                lines[..3],
                ["type = RollingFile", "fileName = /a/b.log", &format!("filePattern = /a/b-%d{{{date}}}.log")]
            );
            assert_eq!(
                lines[lines.len() - 4..],
                [
                    "policies.type = Policies",
                    "policies.time.type = TimeBasedTriggeringPolicy",
                    "policies.time.interval = 1",
                    "policies.time.modulate = true",
                ]
            );
        }
    }
    assert_eq!(place::dated("/logs.d/trace", "yyyy"), "/logs.d/trace-%d{yyyy}");
    assert_eq!(place::date("yyyy-MM-dd'T'HH").as_deref(), Some("yyyy-MM-dd'T'HH"));
}

#[test]
fn converts_files_rolled_by_size() {
    let rolled = |options| appender("org.apache.log4j.RollingFileAppender", options).split_off(2);
    let lines = |size: &str, max: &str| {
        [
            "filePattern = /a/b.log.%i".to_owned(),
            "layout.type = PatternLayout".to_owned(),
            "layout.pattern = %m%n".to_owned(),
            "policies.type = Policies".to_owned(),
            "policies.size.type = SizeBasedTriggeringPolicy".to_owned(),
            format!("policies.size.size = {size}"),
            "strategy.type = DefaultRolloverStrategy".to_owned(),
            "strategy.fileIndex = min".to_owned(),
            format!("strategy.max = {max}"),
        ]
    };
    assert_eq!(rolled("File=/a/b.log\nMaxFileSize=20MB\nMaxBackupIndex=5"), lines("20MB", "5"));
    assert_eq!(rolled("File=/a/b.log"), lines("10MB", "1"), "the defaults of 1.x");
    assert_eq!(rolled("File=/a/b.log\nMaxBackupIndex=0"), lines("10MB", "1"));
}

#[test]
fn converts_syslog_appenders() {
    for (host, expected, port) in [
        ("10.0.0.9", "10.0.0.9", "514"),
        ("logs.example.com:1514", "logs.example.com", "1514"),
        ("[::1]:99", "::1", "99"),
        ("::1", "::1", "514"),
        ("${log.host}", "${sys:log.host}", "514"),
    ] {
        assert_eq!(
            appender("org.apache.log4j.net.SyslogAppender", &format!("SyslogHost={host}\nFacility=local0")),
            [
                "type = Syslog".to_owned(),
                format!("host = {expected}"),
                format!("port = {port}"),
                "protocol = UDP".to_owned(),
                "facility = LOCAL0".to_owned(),
            ]
        );
    }
}

#[test]
fn follows_a_default_appender_that_changed() {
    let lines = written(
        "log4j.rootLogger=ERROR, CARBON_CONSOLE, CARBON_LOGFILE, CARBON_MEMORY, CARBON_SYS_LOG, ERROR_LOGFILE\n\
         log4j.appender.CARBON_SYS_LOG=org.apache.log4j.net.SyslogAppender\n\
         log4j.appender.CARBON_SYS_LOG.SyslogHost=10.0.0.9",
    );
    assert_eq!(lines.last().map(String::as_str), Some("rootLogger.appenderRef.CARBON_SYS_LOG.ref = CARBON_SYS_LOG"));
    assert!(!lines.iter().any(|line| line.starts_with("rootLogger.level")));
    // One that 4.x has not brings its logger along.
    let lines = written(
        "log4j.category.EVENT_TRACE_LOGGER=INFO, EVENT_TRACE_APPENDER, EVENT_TRACE_MEMORYAPPENDER\n\
         log4j.additivity.EVENT_TRACE_LOGGER=false\n\
         log4j.appender.EVENT_TRACE_APPENDER=org.apache.log4j.DailyRollingFileAppender\n\
         log4j.appender.EVENT_TRACE_APPENDER.File=/var/log/events.log\n\
         log4j.appender.EVENT_TRACE_MEMORYAPPENDER=org.wso2.carbon.utils.logging.appenders.MemoryAppender",
    );
    assert_eq!(
        lines[lines.len() - 4..],
        [
            "logger.EVENT_TRACE_LOGGER.name = EVENT_TRACE_LOGGER",
            "logger.EVENT_TRACE_LOGGER.level = INFO",
            "logger.EVENT_TRACE_LOGGER.additivity = false",
            "logger.EVENT_TRACE_LOGGER.appenderRef.EVENT_TRACE_APPENDER.ref = EVENT_TRACE_APPENDER",
        ]
    );
    // A change that log4j2 does not know makes none.
    let logging = converted(
        "log4j.rootLogger=ERROR, CARBON_CONSOLE, CARBON_LOGFILE, CARBON_MEMORY, CARBON_SYS_LOG, ERROR_LOGFILE\n\
         log4j.appender.CARBON_LOGFILE=org.wso2.carbon.utils.logging.appenders.CarbonDailyRollingFileAppender\n\
         log4j.appender.CARBON_LOGFILE.File=${carbon.home}/repository/logs/${instance.log}/wso2carbon${instance.log}.log\n\
         log4j.appender.CARBON_LOGFILE.layout=org.wso2.carbon.utils.logging.TenantAwarePatternLayout\n\
         log4j.appender.CARBON_LOGFILE.layout.TenantPattern=%D",
    );
    assert!(logging.is_empty());
    assert!(matches!(word(&logging, 4), Some(Use::Default(_))));
}

#[test]
fn leaves_what_log4j2_does_otherwise_to_a_person() {
    for class in [
        "org.apache.log4j.net.SocketAppender",
        "org.apache.log4j.net.SMTPAppender",
        "org.apache.log4j.net.JMSAppender",
        "org.apache.log4j.AsyncAppender",
        "com.acme.ConsoleAppender",
    ] {
        let logging = converted(&format!(
            "log4j.logger.com.acme=INFO, X\nlog4j.appender.X={class}\nlog4j.appender.X.Password=tell-nobody"
        ));
        assert!(logging.appenders.is_empty() && logging.loggers["com.acme"].appenders.is_empty());
        assert!(matches!((word(&logging, 1), word(&logging, 2)), (Some(Use::Manual(_)), Some(Use::Manual(_)))));
        let text = additions("n", &logging, &shipped_names()).text;
        assert!(
            text.contains(&format!("#   log4j.appender.X={class}\n#   log4j.appender.X.Password=********\n")),
            "{text}"
        );
        assert!(text.contains("#   log4j.logger.com.acme=INFO, X\n"));
    }
    let custom = converted(
        "log4j.rootLogger=ERROR, X\nlog4j.appender.X=org.apache.log4j.FileAppender\nlog4j.appender.X.File=a\n\
         log4j.appender.X.layout=com.acme.JsonLayout",
    );
    assert!(custom.appenders.is_empty() && custom.quotes.len() == 1);
}

#[test]
fn retires_memory_and_thrift_appenders() {
    for class in [
        "org.wso2.carbon.logging.service.appender.CarbonMemoryAppender",
        "org.wso2.carbon.utils.logging.appenders.MemoryAppender",
        "org.wso2.carbon.logging.appender.LogEventAppender",
        "org.wso2.carbon.analytics.shared.data.agents.log4j.appender.LogEventAppender",
    ] {
        let logging =
            converted(&format!("log4j.logger.com.acme=INFO, X\nlog4j.appender.X={class}\nlog4j.appender.X.a=b"));
        assert!(logging.appenders.is_empty() && logging.quotes.is_empty());
        assert!(matches!((word(&logging, 1), word(&logging, 2)), (Some(Use::Retired(_)), Some(Use::Retired(_)))));
    }
    let idle = converted("log4j.appender.X=org.apache.log4j.ConsoleAppender");
    assert!(idle.is_empty() && matches!(word(&idle, 0), Some(Use::Retired(_))), "no logger names it");
}

#[test]
fn resolves_file_names() {
    let variables = file(0, "logs=${base}/x\nbase=/srv\nlog4j.rootLogger=INFO").variables;
    for (old, new) in [
        (
            "${carbon.home}/repository/logs/${instance.log}/a${instance.log}.log",
            "${sys:carbon.home}/repository/logs/a.log",
        ),
        ("repository/logs/tm.out", "${sys:carbon.home}/repository/logs/tm.out"),
        ("./a.log", "${sys:carbon.home}/a.log"),
        ("${log.dir}/a.log", "${sys:log.dir}/a.log"),
        ("${logs}/a.log", "/srv/x/a.log"),
        ("/var/log/a.log", "/var/log/a.log"),
        ("C:\\logs\\a.log", "C:\\logs\\a.log"),
        ("@logs@/a.log", "@logs@/a.log"),
    ] {
        let mut from = Vec::new();
        assert_eq!(place::file(old, &variables, &mut from), new);
        assert_eq!(from.len(), if old.contains("${logs}") { 2 } else { 0 });
    }
    assert_eq!(escaped("C:\\ü😀"), "C:\\\\\\u00FC\\uD83D\\uDE00");
}

#[test]
fn converts_patterns() {
    let cases = [
        ("[%d{ISO8601}] %5p - %c{1} %m%n", "[%d{DEFAULT}] %5p - %c{1} %m%n"),
        ("%d{ISO8601}{UTC} %d %d{ABSOLUTE} %d{DATE}", "%d{DEFAULT}{UTC} %d %d{ABSOLUTE} %d{DATE}"),
        ("%d{HH:mm:ss,SSS} [%X{ip}-%X{host}]", "%d{HH:mm:ss,SSS} [%X{ip}-%X{host}]"),
        ("%C %F %L %M %l %m %n %p %r %t %X{k} 100%%", "%C %F %L %M %l %m %n %p %r %t %X{k} 100%%"),
        ("%-5p %5.10c %.30c", "%-5p %5.10c %.30c"),
        ("TID: [%T] [%S] %P%5p - %x %m", "TID: [%tenantId] [%appName] %5p - %m"),
        ("%A %U%@%D %I%H [%x]", "%appName %tenantId ${hostName} []"),
        ("%m%Stacktrace%n", "%m%ex%n"),
        ("%throwable{5} %message %logger{2}", "%ex{5} %message %logger{2}"),
    ];
    let dialect = |tenant_aware, masks, target| Dialect { tenant_aware, masks, target };
    for (old, new) in cases {
        let (text, unknown) = pattern::convert(old, dialect(false, false, Target::Current));
        assert_eq!((text.as_str(), unknown.len()), (new, 0), "{old}");
    }
    for (target, new) in [
        (Target::Current, "%tenantId"),
        (Target::V4_0, "%tenantId"),
        (Target::V4_1, "%tenantId"),
        (Target::V4_2, "%tenantDomain"),
        (Target::V4_6, "%tenantDomain"),
    ] {
        assert_eq!(pattern::convert("%D", dialect(false, false, target)).0, new);
    }
    assert_eq!(pattern::convert("%m {%c}%n", dialect(true, false, Target::Current)).0, "%m {%c}%ex%n");
    assert_eq!(pattern::convert("%m%n", dialect(false, true, Target::Current)).0, "%mm%n");
    assert_eq!(pattern::convert("%q{1}%", dialect(false, false, Target::Current)).1, ["%q", "%"]);
}

#[test]
fn converts_layouts() {
    let layout = |class: &str| appender("org.apache.log4j.ConsoleAppender", &format!("layout={class}")).split_off(1);
    assert_eq!(layout("org.apache.log4j.HTMLLayout"), ["layout.type = HTMLLayout"]);
    assert_eq!(layout("org.apache.log4j.xml.XMLLayout"), ["layout.type = XMLLayout"]);
    for class in ["EnhancedPatternLayout", "PatternLayout"] {
        assert_eq!(
            layout(&format!("org.apache.log4j.{class}")),
            ["layout.type = PatternLayout", "layout.pattern = %m%n"]
        );
    }
    let logging = converted(
        "log4j.rootLogger=ERROR, X\nlog4j.appender.X=org.apache.log4j.ConsoleAppender\n\
         log4j.appender.X.layout=org.apache.log4j.HTMLLayout\nlog4j.appender.X.layout.Title=T\n\
         log4j.appender.X.filter.1=org.apache.log4j.varia.LevelRangeFilter\nlog4j.appender.X.filter.1.LevelMin=INFO\n\
         log4j.appender.X.maskingPatternFile=masks.properties",
    );
    for index in 3..7 {
        assert!(matches!(word(&logging, index), Some(Use::Manual(_))), "{index}");
    }
    let quoted: usize = logging.quotes.iter().map(|quote| quote.lines.len()).sum();
    assert_eq!((logging.appenders.len(), quoted), (1, 4));
}

#[test]
fn converts_the_rest_of_the_file() {
    assert_eq!(
        written("log4j.threshold=INFO"),
        ["filter.threshold.type = ThresholdFilter", "filter.threshold.level = INFO"]
    );
    let logging = converted("log4j.debug=true\nlog4j.reset=true\nlog4j.renderer.a=b\nunused=x");
    assert!(matches!(word(&logging, 0), Some(Use::Retired(_))));
    assert!(matches!(word(&logging, 1), Some(Use::Retired(_))));
    assert!(matches!(word(&logging, 2), Some(Use::Manual(_))));
    assert!(matches!(word(&logging, 3), Some(Use::Retired(_))));
}

#[test]
fn unites_nodes() {
    let of = |node: u32, text: &str| convert(&file(node, text), &format!("n{node}"), &shipped_names(), Target::Current);
    let one = of(
        0,
        "log4j.rootLogger=ERROR, CARBON_LOGFILE, ERROR_LOGFILE\nlog4j.logger.a=INFO, X\nlog4j.logger.b=TRACE\n\
         log4j.appender.X=org.apache.log4j.FileAppender\nlog4j.appender.X.File=/a",
    );
    let two = of(
        1,
        "log4j.logger.a=DEBUG, X\nlog4j.additivity.a=false\nlog4j.logger.b=WARN\n\
         log4j.appender.X=org.apache.log4j.FileAppender\nlog4j.appender.X.File=/b",
    );
    let merged = merge(&[&one, &two]).unwrap();
    assert_eq!(
        lines_of(&additions("n", &merged, &shipped_names()).text),
        [
            "appender.X.type = File",
            "appender.X.name = X",
            "appender.X.fileName = /a",
            "appender.X.layout.type = PatternLayout",
            "appender.X.layout.pattern = %m%n",
            "logger.a.name = a",
            "logger.a.level = DEBUG",
            "logger.a.additivity = false",
            "logger.a.appenderRef.X.ref = X",
            "logger.b.name = b",
            "logger.b.level = TRACE",
        ],
        "the console stays, since the other node has it"
    );
    assert_eq!(merged.findings.len(), 3, "two levels, one appender");
    let absorbed = |node, index| matches!(merged.words.get(&SettingId { node, index }), Some(Use::Absorbed(_)));
    assert!(absorbed(0, 0) && absorbed(1, 4) && absorbed(1, 2));
    assert!(merge(&[]).is_none());
}

#[test]
fn merges_into_a_file_without_lists() {
    let product = Product::read("rootLogger.level = ERROR\r\nrootLogger.appenderRef.c.ref = CARBON_CONSOLE\r\n");
    assert!(product.appender_names().is_empty());
    let merged = product.merged("n", &converted("log4j.logger.a=INFO"));
    assert_eq!(
        merged.text,
        "rootLogger.level = ERROR\nrootLogger.appenderRef.c.ref = CARBON_CONSOLE\n\nlogger.a.name = a\nlogger.a.level = INFO\n"
    );
    assert_eq!(additions("n", &converted("log4j.logger.a=INFO"), &shipped_names()).name, ADDITIONS);
}

/// The layout and threshold of an appender that both products have go by themselves; files and how they roll do not.
#[test]
fn writes_of_a_default_appender_what_changed() {
    let of = |changes: &str| {
        let shipped = "log4j.rootLogger=ERROR, CARBON_CONSOLE, CARBON_LOGFILE, ERROR_LOGFILE\n\
            log4j.appender.CARBON_LOGFILE=org.wso2.carbon.utils.logging.appenders.CarbonDailyRollingFileAppender\n\
            log4j.appender.CARBON_LOGFILE.File=${carbon.home}/repository/logs/${instance.log}/wso2carbon${instance.log}.log\n\
            log4j.appender.CARBON_LOGFILE.layout=org.wso2.carbon.utils.logging.TenantAwarePatternLayout\n";
        let lines = written(&format!("{shipped}{changes}"));
        lines.into_iter().filter(|line| line.starts_with("appender.")).collect::<Vec<_>>()
    };
    assert_eq!(
        of("log4j.appender.CARBON_LOGFILE.layout.ConversionPattern=%d %m%n\n\
            log4j.appender.CARBON_LOGFILE.threshold=WARN"),
        [
            "appender.CARBON_LOGFILE.layout.type = PatternLayout",
            "appender.CARBON_LOGFILE.layout.pattern = %d %m%ex%n",
            "appender.CARBON_LOGFILE.filter.threshold.type = ThresholdFilter",
            "appender.CARBON_LOGFILE.filter.threshold.level = WARN",
        ]
    );
    let rolled = of("log4j.appender.CARBON_LOGFILE.DatePattern='.'yyyy-MM-dd-HH");
    for line in ["type = RollingFile", "policies.time.type = TimeBasedTriggeringPolicy"] {
        assert!(rolled.contains(&format!("appender.CARBON_LOGFILE.{line}")), "{rolled:?}");
    }
    // In the product's own file the rest stays.
    let product = Product::read(
        "appenders = CARBON_LOGFILE\nappender.CARBON_LOGFILE.type = RollingFile\n\
         appender.CARBON_LOGFILE.name = CARBON_LOGFILE\nappender.CARBON_LOGFILE.policies.size.size = 10MB\n\
         appender.CARBON_LOGFILE.layout.pattern = old\n",
    );
    let text = "log4j.rootLogger=ERROR, CARBON_LOGFILE\n\
        log4j.appender.CARBON_LOGFILE=org.wso2.carbon.utils.logging.appenders.CarbonDailyRollingFileAppender\n\
        log4j.appender.CARBON_LOGFILE.File=${carbon.home}/repository/logs/${instance.log}/wso2carbon${instance.log}.log\n\
        log4j.appender.CARBON_LOGFILE.layout=org.apache.log4j.PatternLayout\n\
        log4j.appender.CARBON_LOGFILE.layout.ConversionPattern=%d %m%n";
    let merged = product.merged("n", &convert(&file(0, text), "apim", &product.appender_names(), Target::Current)).text;
    assert!(merged.contains("policies.size.size = 10MB\n"), "{merged}");
    assert!(
        merged.contains("appender.CARBON_LOGFILE.layout.pattern = %d %m%n\n") && !merged.contains("= old"),
        "{merged}"
    );
}
