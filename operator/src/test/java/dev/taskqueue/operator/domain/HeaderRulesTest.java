package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderRulesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Api-Key",
                "a",
                "!#$%&'*+-.^_`|~09azAZ",
                "Content-Type",
                "Accept-Encoding",
                "Idempotency-Key",
                "traceparent",
                "Authorization",
                "Hosts",
                "X-Host",
                "Tea",
                "Cookie"
            })
    void aUsersOwnNamesAreFree(String name) {
        assertThat(HeaderRules.checkName(name, false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "a b", "a:", "a\r\nb", "a\0", "\u00e4", "a/b", "(a)", "a,b", "a;b", "a=b", "a@b", "\"a\"",
                "[a]", "{a}"
            })
    void aNameIsAToken(String name) {
        assertThat(HeaderRules.checkName(name, false))
                .hasValueSatisfying(objection ->
                        assertThat(objection).contains("is no header name").matches("[ -~]+"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "HOST",
                "Content-Length",
                "Transfer-Encoding",
                "Connection",
                "te",
                "Trailer",
                "Upgrade",
                "Expect",
                "Proxy-Authorization",
                "proxy-x",
                "X-CloudTasks-QueueName",
                "x-cloudtasks-",
                "X-AppEngine-QueueName",
                "X-Google-Foo",
                "TaskQueue-Attempt",
                "TASKQUEUE-X"
            })
    void theOperatorsOwnNamesAreRefusedInAnyCase(String name) {
        assertThat(HeaderRules.checkName(name, false))
                .contains("Header " + name + " is the operator's own to set; remove it.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "authorization", "AUTHORIZATION"})
    void authorizationIsRefusedBesideAToken(String name) {
        assertThat(HeaderRules.checkName(name, true))
                .contains("Header " + name + " clashes with serviceAccountToken; remove one of the two.");
        assertThat(HeaderRules.checkName(name, false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a b", "a\tb", "~!\"{}", "text/plain; charset=utf-8"})
    void aValueIsVisibleAscii(String value) {
        assertThat(HeaderRules.checkValue("X-A", value)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cret\rx",
                "s3cret\nx",
                "s3cret\0",
                "s3cret\u007f",
                "s3cret\u00e4",
                "s3cret\u001bx",
                "\u20acs3cret"
            })
    void otherCharactersAreRefusedAndTheValueIsNotShown(String value) {
        assertThat(HeaderRules.checkValue("X-A", value))
                .hasValueSatisfying(objection -> assertThat(objection)
                        .contains("X-A", "that headers cannot carry")
                        .doesNotContain("s3cret")
                        .matches("[ -~]+"));
    }

    @ParameterizedTest
    @ValueSource(strings = {" s3cret", "s3cret ", "\ts3cret", "s3cret\t", "s3cret\n", "s3cret\r\n", " "})
    void surroundingWhiteSpaceIsRefusedBecauseItWouldBeLost(String value) {
        assertThat(HeaderRules.checkValue("X-A", value))
                .contains("The value of header X-A begins or ends with white space or a line break; remove it.");
    }

    @Test
    void thePositionOfABadCharacterIsNamed() {
        assertThat(HeaderRules.checkValue("X-A", "ab\u00e4"))
                .hasValueSatisfying(objection -> assertThat(objection).contains("at position 3"));
    }

    @Test
    void theFirstObjectionableHeaderIsNamed() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("X-Good", "a");
        headers.put("X-Bad", "a\u00e4");
        headers.put("Host", "a");
        assertThat(HeaderRules.check(headers, false))
                .hasValueSatisfying(objection -> assertThat(objection).contains("X-Bad"));
        headers.put("X-Bad", "a");
        assertThat(HeaderRules.check(headers, false))
                .hasValueSatisfying(objection -> assertThat(objection).contains("Host"));
        headers.remove("Host");
        assertThat(HeaderRules.check(headers, false)).isEmpty();
    }

    @Test
    void namesThatDifferInCaseAloneAreOneHeaderTwice() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("X-A", "1");
        headers.put("x-a", "2");
        assertThat(HeaderRules.check(headers, false))
                .contains("Headers X-A and x-a are one and the same; keep one of them.");
    }

    @ParameterizedTest
    @CsvSource({"64, true", "65, false"})
    void sixtyFourHeadersAreTheMost(int count, boolean allowed) {
        var headers = new LinkedHashMap<String, String>();
        for (int i = 0; i < count; i++) {
            headers.put("X-" + i, "a");
        }
        assertThat(HeaderRules.check(headers, false).isEmpty()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"81919, true", "81920, false"})
    void namesAndValuesTogetherStayBelow80Kilobytes(int total, boolean allowed) {
        var headers = Map.of("X-Big", "a".repeat(total - "X-Big".length() - 4), "X-B", "a");
        var objection = HeaderRules.check(headers, false);
        assertThat(objection.isEmpty()).isEqualTo(allowed);
        assertThat(objection.orElse("X-Big")).contains("X-Big").hasSizeLessThan(256);
    }

    @Test
    void aLongNameIsCutInTheMessage() {
        assertThat(HeaderRules.checkName("x".repeat(1000) + "(", false))
                .hasValueSatisfying(objection -> assertThat(objection).hasSizeLessThan(256));
    }
}
