package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TokenRulesTest {
    private static final String ORDERS = "https://orders.example";
    private static final String TASK =
            "{'httpRequest': {'serviceRef': {'name': 's'}, 'serviceAccountToken': {'serviceAccountName': 'caller'%s}}}";
    private static final String WITH_AUDIENCE = TASK.formatted(", 'audience': '" + ORDERS + "'");
    private static final String WITHOUT_AUDIENCE = TASK.formatted("");

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void theAudienceIsThatOfTheTask() {
        catches(
                "TokenWrong",
                story -> sent(story, WITH_AUDIENCE, token("caller", ORDERS)),
                story -> sent(story, WITH_AUDIENCE, token("caller", "http://s.shop.svc")));
    }

    @Test
    void theTargetIsTheAudienceOfATaskThatNamesNone() {
        catches(
                "TokenWrong",
                story -> sent(story, WITHOUT_AUDIENCE, token("caller", "http://s.shop.svc")),
                story -> sent(story, WITHOUT_AUDIENCE, token("caller", ORDERS)));
    }

    @Test
    void theAccountIsThatOfTheTask() {
        catches(
                "TokenWrong",
                story -> sent(story, WITH_AUDIENCE, token("caller", ORDERS)),
                story -> sent(story, WITH_AUDIENCE, token("other", ORDERS)));
    }

    @Test
    void onlyWhoNamesAnAccountGetsAToken() {
        catches(
                "TokenWrong",
                story -> sent(story, "{}", Map.of()),
                story -> sent(story, "{}", token("caller", ORDERS)));
        catches(
                "TokenWrong",
                story -> sent(story, WITH_AUDIENCE, token("caller", ORDERS)),
                story -> sent(story, WITH_AUDIENCE, Map.of()));
    }

    @Test
    void aTokenEndsSoonAfterItsAccount() {
        catches("TokenOutlived", story -> outlived(story, 20), story -> outlived(story, 60));
    }

    private static void outlived(History story, double later) {
        story.queue("q", "{}").task("t", WITH_AUDIENCE).other("ServiceAccount", "caller");
        String uid = story.uid("ServiceAccount", "caller");
        story.at(1).delete("people", "ServiceAccount", "shop/caller");
        story.at(1 + later);
        story.answer(story.send("a", "t", 1, token("caller", ORDERS, uid)), 200).succeed("a", "t");
    }

    private static void sent(History story, String spec, Map<String, String> headers) {
        story.queue("q", "{}").task("t", spec).at(1);
        story.answer(story.send("a", "t", 1, headers), 200).succeed("a", "t");
    }

    private static Map<String, String> token(String account, String audience) {
        return token(account, audience, "none");
    }

    private static Map<String, String> token(String account, String audience, String uid) {
        String claims = """
                {"aud":["%s"],"exp":4102444800,"sub":"system:serviceaccount:shop:%s","kubernetes.io":{"serviceaccount":{"uid":"%s"}}}""".formatted(audience, account, uid);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8));
        return Map.of("authorization", "Bearer head." + encoded + ".signature");
    }
}
