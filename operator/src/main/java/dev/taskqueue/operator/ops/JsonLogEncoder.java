package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * Writes each event as one JSON object on one line, in the form that log collectors expect. Logback's own encoder writes the time as a number and a
 * stack trace as an array of objects.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LAST_PRINTABLE = '~';

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            // Some terminals act on control characters beyond ASCII, too.
            json.setHighestNonEscapedChar(LAST_PRINTABLE);
            json.writeStartObject();
            json.writeStringField("timestamp", event.getInstant().toString());
            json.writeStringField("level", event.getLevel().toString());
            json.writeStringField("logger", event.getLoggerName());
            json.writeStringField("thread", event.getThreadName());
            json.writeStringField("message", event.getFormattedMessage());
            List<KeyValuePair> pairs = event.getKeyValuePairs();
            if (pairs != null) {
                for (KeyValuePair pair : pairs) {
                    json.writeFieldName(pair.key);
                    switch (pair.value) {
                        case Integer number -> json.writeNumber(number);
                        case Long number -> json.writeNumber(number);
                        case null -> json.writeNull();
                        default -> json.writeString(pair.value.toString());
                    }
                }
            }
            IThrowableProxy failure = event.getThrowableProxy();
            if (failure != null) {
                json.writeStringField("exception", ThrowableProxyUtil.asString(failure));
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        line.writeBytes("\n".getBytes(UTF_8));
        return line.toByteArray();
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
