package dev.taskqueue.operator.batch;

import static dev.taskqueue.operator.batch.TestingBatches.batch;
import static dev.taskqueue.operator.batch.TestingBatches.items;
import static dev.taskqueue.operator.batch.TestingBatches.lines;
import static dev.taskqueue.operator.batch.TestingBatches.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.DeadLetterOf;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemListTest {
    private static final Instant CREATED = Instant.parse("2026-11-20T08:00:00Z");

    private static String body(Item item) {
        return new String(Objects.requireNonNull(item.body()), StandardCharsets.UTF_8);
    }

    /** Why a line cannot be sent; without its number. */
    private static String fault(String line) {
        String problem = problem(lines(line));
        assertThat(problem).startsWith("line 1: ").endsWith(".");
        return problem.substring("line 1: ".length(), problem.length() - 1);
    }

    @Test
    void aLineIsAnItem() {
        ItemList items = items(lines("""

                {"path": "/invoice/1", "body": {"orderId": 1}}
                  \t
                {"key": "o-2", "headers": {"X-A": "1", "x-b": ""}, "body": "text \\u00e9", "delay": "30s"}\r
                {"bodyBase64": "AAEC", "key": null, "body": null}
                {"deadLetterOf": {"queue": "q", "task": "t", "uid": "u", "reason": "r", "attempts": 5, "statusCode": 503, "index": 42}}
                {}"""));
        assertThat(items.total()).isEqualTo(5);
        Item first = items.item(0);
        assertThat(first.path()).isEqualTo("/invoice/1");
        assertThat(first.isJson()).isTrue();
        assertThat(body(first)).isEqualTo("{\"orderId\": 1}");
        Item second = items.item(1);
        assertThat(items.key(1)).isEqualTo("o-2");
        assertThat(second.headers()).isEqualTo(Map.of("X-A", "1", "x-b", ""));
        assertThat(second.isJson()).isFalse();
        assertThat(body(second)).isEqualTo("text \u00e9");
        assertThat(second.delay()).isEqualTo("30s");
        assertThat(items.item(2).body()).containsExactly(0, 1, 2);
        assertThat(items.item(2).key()).isNull();
        assertThat(items.item(3).deadLetterOf()).isEqualTo(new DeadLetterOf("q", "t", "u", "r", 5, 503, 42));
        assertThat(items.hasDeadLetters()).isTrue();
        assertThat(items.item(4)).isEqualTo(Item.PLAIN);
        assertThatThrownBy(() -> items.item(5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** The handler gets the bytes that the producer wrote. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}", "[]", "[1, 2 ,{\"a\": \"}\"}]", "{\"b\":1.50,  \"a\" : [ ] }", "1.50", "-0", "1e400", "true", "false",
                "12345678901234567890123", "{\"\u00e9\ud83d\ude00\": \"\u20ac\"}", "{\"a\": {\"b\": [[\"]\"]]}, \"a\": 1}"
            })
    void aJsonBodyStaysAsItIsWritten(String json) {
        ItemList items = items(lines("{\"path\": \"/\u00e9\", \"body\": 0}".replace("\u00e9", "x") + "\n  {\"body\": " + json
                + "  , \"key\": \"k\"}\n{\"key\": \"\u00e9\"".replace("\u00e9", "l") + ", \"body\":" + json + "}"));
        assertThat(body(items.item(1))).isEqualTo(json);
        assertThat(body(items.item(2))).isEqualTo(json);
        assertThat(items.item(1).isJson()).isTrue();
    }

    @Test
    void aListIsReadLikeLines() {
        ItemList items = items(batch("""
                {queueRef: {name: 'a'}, items: [{path: '/1', body: '{"a": 1}'}, {key: 'k', headers: {A: 'b'}}]}"""));
        assertThat(items.total()).isEqualTo(2);
        assertThat(body(items.item(0))).isEqualTo("{\"a\": 1}");
        assertThat(items.item(0).isJson()).isFalse();
        assertThat(items.key(1)).isEqualTo("k");
        assertThat(problem(batch("{queueRef: {name: 'a'}, items: [{}, {body: {a: 1}}]}")))
                .isEqualTo("item 1: body is no text: write it in quotation marks.");
        assertThat(problem(batch("{queueRef: {name: 'a'}, items: []}"))).contains("no item");
    }

    @Test
    void aCountHasItemsThatAreAllLikeTheTemplate() {
        ItemList items = items(batch("{queueRef: {name: 'a'}, count: 1000}"));
        assertThat(items.total()).isEqualTo(1000);
        assertThat(items.item(999)).isEqualTo(Item.PLAIN);
        assertThat(items.hasOwnTimes()).isFalse();
        assertThat(problem(batch("{queueRef: {name: 'a'}, count: 1001}"))).contains("1 to 1000");
        assertThat(problem(batch("{queueRef: {name: 'a'}, count: 0}"))).contains("1 to 1000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock = """
        {"path": "/a"                       | it is no JSON: write one JSON object
        {path: "/a"}                        | it is no JSON: write one JSON object
        {"path": "/a",}                     | it is no JSON: write one JSON object
        {"body": {"a" 1}}                   | it is no JSON: write one JSON object
        {"body": [1}                        | it is no JSON: write one JSON object
        {} x                                | it is no JSON: write one JSON object
        [{}]                                | it is no JSON object: write one
        "/a"                                | it is no JSON object: write one
        {} {}                               | it has more than one JSON value: write one on a line
        {"pth": "/private"}                 | there is no field "pth": remove it
        {"Body": "x"}                       | there is no field "Body": remove it
        {"pth": null}                       | there is no field "pth": remove it
        {"key": "a", "key": "b"}            | key stands twice: keep one
        {"key": null, "key": "b"}           | key stands twice: keep one
        {"key": 5}                          | key is no text: write it in quotation marks
        {"key": ""}                         | key must have 1 to 200 letters, digits, - and _: choose another one
        {"key": "a b"}                      | key must have 1 to 200 letters, digits, - and _: choose another one
        {"path": ""}                        | path must have 1 to 2083 characters: shorten it
        {"path": "a"}                       | path must begin with / and hold printable ASCII without #: percent-encode the rest
        {"path": "/a/../b"}                 | path must not have . or .. as a segment: write the path it stands for
        {"path": ["/a"]}                    | path is no text: write it in quotation marks
        {"headers": ["A"]}                  | headers is no object: write names and values
        {"headers": {"A": 1}}               | the value of header "A" is no text: write it in quotation marks
        {"headers": {"A": "1", "A": "2"}}   | header "A" stands twice: keep one
        {"headers": {"A": "1", "a": "2"}}   | Headers A and a are one and the same; keep one of them
        {"headers": {"Host": "private"}}    | Header Host is the operator's own to set; remove it
        {"headers": {"TaskQueue-X": "1"}}   | Header TaskQueue-X is the operator's own to set; remove it
        {"headers": {"A": "\\n"}}           | The value of header A begins or ends with white space or a line break; remove it
        {"body": "a", "bodyBase64": "AAEC"} | it has both body and bodyBase64: keep one
        {"bodyBase64": "AAEC", "body": 1}   | it has both body and bodyBase64: keep one
        {"bodyBase64": "A"}                 | bodyBase64 is no Base64 (RFC 4648, with padding): encode it anew
        {"scheduleTime": "tomorrow"}        | scheduleTime is no RFC 3339 time: write it as 2026-11-21T09:00:00Z
        {"scheduleTime": "2026-12-20T08:00:02Z"} | scheduleTime is more than 720h after the batch's creation: choose an earlier time
        {"delay": "1d"}                     | delay is no duration: write it as 30s or 1h30m
        {"delay": "721h"}                   | delay is more than 720h after the batch's creation: choose an earlier time
        {"delay": "1s", "scheduleTime": "2026-11-20T08:00:02Z"} | it has both scheduleTime and delay: keep one
        {"deadLetterOf": 1}                 | deadLetterOf is no object: remove it
        {"deadLetterOf": {"task": 1}}       | deadLetterOf.task is no text: write it in quotation marks
        {"deadLetterOf": {"index": -1}}     | deadLetterOf.index is no count: write a whole number
        {"deadLetterOf": {"indexes": 1}}    | there is no field deadLetterOf."indexes": remove it
        """)
    void aFaultIsNamedWithoutValues(String line, String fault) {
        assertThat(fault(line)).isEqualTo(fault);
    }

    @Test
    void lengthsAreThoseOfTheApi() {
        assertThat(fault("{\"key\": \"" + "k".repeat(201) + "\"}")).startsWith("key must have");
        assertThat(fault("{\"path\": \"/" + "p".repeat(2083) + "\"}")).startsWith("path must have");
        assertThat(fault("{\"body\": \"" + "\u20ac".repeat(65_537) + "\"}")).startsWith("body is longer than 65536");
        assertThat(fault("{\"body\": [\"" + "b".repeat(65_533) + "\"]}")).startsWith("body is longer than 65536");
        assertThat(fault("{\"headers\": {\"A\": \"" + "v".repeat(4097) + "\"}}"))
                .startsWith("the value of header A is longer than 4096");
        assertThat(problem(lines("{\"key\": \"" + "k".repeat(200) + "\", \"path\": \"/" + "p".repeat(2082)
                        + "\", \"headers\": {\"A\": \"" + "v".repeat(4096) + "\"}, \"body\": \""
                        + "\u20ac".repeat(65_536) + "\"}")))
                .isEmpty();
        String body = "{queueRef: {name: 'a'}, items: [{body: '%s'}]}";
        assertThat(problem(batch(body.formatted("\u20ac".repeat(16_385))))).startsWith("item 0: body is longer than 16384");
        assertThat(problem(batch(body.formatted("\u20ac".repeat(16_384))))).isEmpty();
    }

    @Test
    void headersAreCountedTogetherWithTheTemplates() {
        assertThat(fault("{\"headers\": {" + headers("A", 17, "1") + "}}")).isEqualTo("it has 17 headers: set at most 16");
        String template = "{queueRef: {name: 'a'}, template: {httpRequest: {headers: {%s}}}}";
        ObjectNode many = batch(template.formatted(headers("A", 60, "1")));
        assertThat(problem(withLines(many, "{\"headers\": {" + headers("a", 4, "2") + "}}"))).isEmpty();
        assertThat(problem(withLines(many, "{\"headers\": {" + headers("b", 5, "2") + "}}")))
                .isEqualTo("line 1: it has 65 headers together with the template's: set at most 64.");
        ObjectNode large = batch(template.formatted(headers("A", 20, "x".repeat(4000))));
        assertThat(problem(withLines(large, "{\"headers\": {\"b\": \"" + "y".repeat(2000) + "\"}}")))
                .startsWith("line 1: The headers have");
    }

    private static String headers(String name, int count, String value) {
        var headers = new StringBuilder();
        for (int i = 0; i < count; i++) {
            headers.append(i == 0 ? "" : ",").append("\"%s%d\": \"%s\"".formatted(name, i, value));
        }
        return headers.toString();
    }

    private static ObjectNode withLines(ObjectNode batch, String lines) {
        ((ObjectNode) batch.get("spec")).put("lines", lines);
        return batch;
    }

    @Test
    void anItemMustFitItsTemplate() {
        ObjectNode get = batch("{queueRef: {name: 'a'}, template: {httpRequest: {method: 'GET'}}}");
        assertThat(problem(withLines(get, "{\"body\": 1}")))
                .isEqualTo(
                        "line 1: it has a body, which the template's method GET does not carry: use POST, PUT or PATCH, or remove it.");
        ObjectNode token = batch(
                "{queueRef: {name: 'a'}, template: {httpRequest: {serviceAccountToken: {serviceAccountName: 'a'}}}}");
        assertThat(problem(withLines(token, "{\"headers\": {\"authorization\": \"x\"}}"))).contains("serviceAccountToken");
        ObjectNode secret = batch("""
                {queueRef: {name: 'a'}, template: {httpRequest: {secretHeaders: [
                 {name: 'X-Key', secretKeyRef: {name: 'a', key: 'b'}}]}}}""");
        assertThat(problem(withLines(secret, "{\"headers\": {\"x-key\": \"x\"}}")))
                .isEqualTo("line 1: header x-key is one of the template's secretHeaders: remove it.");
        ObjectNode expires = batch("{queueRef: {name: 'a'}, expireTime: '2026-11-21T08:00:00Z'}");
        assertThat(problem(withLines(expires, "{\"scheduleTime\": \"2026-11-21T08:00:01Z\"}")))
                .isEqualTo("line 1: scheduleTime is after the batch's expireTime: choose an earlier one.");
        assertThat(problem(withLines(expires, "{\"scheduleTime\": \"2026-11-21T08:00:00Z\"}"))).isEmpty();
    }

    @Test
    void atMostThreeFaultsAreNamed() {
        assertThat(problem(lines("x\n{}\ny\n{\"a\": 1}\nz\nz")))
                .isEqualTo("line 1: it is no JSON: write one JSON object; line 3: it is no JSON: write one JSON object; "
                        + "line 4: there is no field \"a\": remove it; and 2 more.");
    }

    @Test
    void equalKeysAreNamedWithBothLines() {
        assertThat(problem(lines("{\"key\": \"private\"}\n\n{\"key\": \"b\"}\n{\"key\": \"private\"}")))
                .isEqualTo("line 4: key is that of line 1, too: choose another one.");
    }

    @Test
    void thereAreOneToAThousandLines() {
        assertThat(problem(lines("\n  \n"))).contains("no line that is not empty");
        assertThat(items(lines("{}\n".repeat(1000))).total()).isEqualTo(1000);
        assertThat(problem(lines("{}\n".repeat(1001))))
                .isEqualTo("There are 1001 items: write at most 1000, and the rest into another batch.");
    }

    @Test
    void deepJsonIsRefusedAndNotFollowed() {
        String deep = "[".repeat(300_000) + "]".repeat(300_000);
        assertThat(fault("{\"body\": " + deep + "}")).isEqualTo("it is nested more than 1000 levels deep: flatten it");
        assertThat(problem(lines("{\"body\": " + "[".repeat(998) + "]".repeat(998) + "}"))).isEmpty();
    }

    @Test
    void anUnknownFieldIsShownInAFormThatFits() {
        assertThat(fault("{\"" + "\u0007x".repeat(100).replace("\u0007", "\\u0007") + "\": 1}"))
                .isEqualTo("there is no field \"" + "?x".repeat(20) + "...\": remove it");
    }

    @ParameterizedTest
    @CsvSource({
        "{}, 2026-11-20T09:00:00Z",
        "'{\"delay\": \"1500ms\"}', 2026-11-20T08:00:01.500Z",
        "'{\"scheduleTime\": \"2026-11-22T08:00:00+01:00\"}', 2026-11-22T07:00:00Z",
        "'{\"scheduleTime\": \"2026-11-22T08:00:00.0000001Z\"}', 2026-11-22T08:00:00.001Z",
        "'{\"scheduleTime\": \"2020-01-01T00:00:00Z\"}', 2026-11-20T08:00:00Z",
    })
    void anItemIsDueAtItsOwnTimeOrTheBatches(String line, Instant due) {
        ItemList items = items(lines("{}\n" + line));
        Instant batchDue = CREATED.plusSeconds(3600);
        assertThat(items.dueAt(0, CREATED, batchDue)).isEqualTo(batchDue);
        assertThat(items.dueAt(1, CREATED, batchDue)).isEqualTo(due);
    }

    @Test
    void whatIsPrintedHasNoContents() {
        assertThat(items(lines("{\"body\": \"secret\"}")).item(0)).asString().doesNotContain("secret");
    }

    @Test
    void theSizeIsThatOfTheTextAndThePlaces() {
        assertThat(items(lines("{}\n".repeat(1000))).size()).isEqualTo(3000 + 8000);
    }
}
