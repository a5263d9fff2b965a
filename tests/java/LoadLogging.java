// Loads a log4j2.properties with the real log4j2 and tells what came up: `appender NAME CLASS`, `logger NAME LEVEL
// additive|alone APPENDERS`, `file NAME LINE`. Whatever log4j2 complains of ends as `status …`, and exit code 1.
//
//   LoadLogging FILE HOME LOGGER...      logs one line to each LOGGER, HOME is ${sys:carbon.home}

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.pattern.ConverterKeys;
import org.apache.logging.log4j.core.pattern.LogEventPatternConverter;
import org.apache.logging.log4j.core.pattern.PatternConverter;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;

public final class LoadLogging {
    private LoadLogging() {}

    public static void main(String[] args) throws Exception {
        List<String> complaints = new ArrayList<>();
        System.setProperty("carbon.home", args[1]);
        System.setProperty("wire.logs", args[1] + "/wire");
        StatusLogger.getLogger().registerListener(new StatusListener() {
            @Override public void log(StatusData data) { complaints.add(data.getMessage().getFormattedMessage()); }
            @Override public Level getStatusLevel() { return Level.WARN; }
            @Override public void close() {}
        });
        LoggerContext context = Configurator.initialize(null, new File(args[0]).toURI().toString());
        for (Appender appender : new TreeMap<>(context.getConfiguration().getAppenders()).values()) {
            System.out.println("appender " + appender.getName() + " " + appender.getClass().getSimpleName());
        }
        for (LoggerConfig logger : new TreeMap<>(context.getConfiguration().getLoggers()).values()) {
            String name = logger.getName().isEmpty() ? "root" : logger.getName();
            System.out.println("logger " + name + " " + logger.getLevel() + (logger.isAdditive() ? " additive " : " alone ")
                    + String.join(",", new TreeSet<>(logger.getAppenders().keySet())));
        }
        for (int index = 2; index < args.length; index++) {
            LogManager.getLogger(args[index]).fatal("to " + args[index]);
        }
        Configurator.shutdown(context);
        try (Stream<Path> files = Files.walk(Path.of(args[1]))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                for (String line : Files.readAllLines(file)) {
                    System.out.println("file " + file.getFileName() + " " + line);
                }
            }
        }
        complaints.forEach(complaint -> System.out.println("status " + complaint));
        System.exit(complaints.isEmpty() ? 0 : 1);
    }

    /** Stands in for WSO2's converter. */
    @Plugin(name = "TenantId", category = PatternConverter.CATEGORY)
    @ConverterKeys({"tenantId"})
    public static final class TenantId extends LogEventPatternConverter {
        private TenantId() { super("TenantId", "tenantId"); }
        public static TenantId newInstance(String[] options) { return new TenantId(); }
        @Override public void format(LogEvent event, StringBuilder out) { out.append("-1234"); }
    }

    /** Stands in for WSO2's converter. */
    @Plugin(name = "TenantDomain", category = PatternConverter.CATEGORY)
    @ConverterKeys({"tenantDomain"})
    public static final class TenantDomain extends LogEventPatternConverter {
        private TenantDomain() { super("TenantDomain", "tenantDomain"); }
        public static TenantDomain newInstance(String[] options) { return new TenantDomain(); }
        @Override public void format(LogEvent event, StringBuilder out) { out.append("carbon.super"); }
    }

    /** Stands in for WSO2's converter. */
    @Plugin(name = "AppName", category = PatternConverter.CATEGORY)
    @ConverterKeys({"appName"})
    public static final class AppName extends LogEventPatternConverter {
        private AppName() { super("AppName", "appName"); }
        public static AppName newInstance(String[] options) { return new AppName(); }
        @Override public void format(LogEvent event, StringBuilder out) { out.append("api"); }
    }

    /** Stands in for WSO2's converter of masked messages. */
    @Plugin(name = "MaskedMessage", category = PatternConverter.CATEGORY)
    @ConverterKeys({"mm"})
    public static final class MaskedMessage extends LogEventPatternConverter {
        private MaskedMessage() { super("MaskedMessage", "mm"); }
        public static MaskedMessage newInstance(String[] options) { return new MaskedMessage(); }
        @Override public void format(LogEvent event, StringBuilder out) { out.append(event.getMessage().getFormattedMessage()); }
    }
}
