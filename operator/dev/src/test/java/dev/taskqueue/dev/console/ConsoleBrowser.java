package dev.taskqueue.dev.console;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The distribution's Chromium with the console in it. The paths of browser and driver are given, so that nothing is downloaded. */
final class ConsoleBrowser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ChromeDriver driver;
    private final String console;

    ConsoleBrowser(String console) {
        PrerequisiteCondition.checkDeclared(Prerequisite.CHROMIUM);
        this.console = console;
        var options = new ChromeOptions();
        options.setBinary(program("chromium").toString());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
        options.addArguments("--window-size=1240,900", "--lang=en-US", "--hide-scrollbars");
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        var service = new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver").toFile())
                .build();
        driver = new ChromeDriver(service, options);
    }

    private static Path program(String name) {
        return InstalledPrograms.here().onPath(name).orElseThrow();
    }

    ChromeDriver driver() {
        return driver;
    }

    /** Opens a page of the console anew, such as {@code #/queue/shop/mail}. */
    void open(String route) {
        driver.get("about:blank");
        driver.get(console + route);
    }

    /** Goes to a page without loading it anew. */
    void go(String route) {
        script("location.hash = arguments[0]", route);
    }

    void theme(String name) {
        script("document.documentElement.dataset.theme = arguments[0]", name);
    }

    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    @Nullable Object script(String code, Object... arguments) {
        return driver.executeScript(code, arguments);
    }

    /** Waits until an assertion holds. The page may change between its steps. */
    static void eventually(ThrowingRunnable assertion) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsMatching(
                        e -> e instanceof StaleElementReferenceException || e instanceof NoSuchElementException)
                .untilAsserted(assertion);
    }

    /** What the page shows now, as text. */
    String text() {
        return again(() -> driver.findElement(By.tagName("main")).getText());
    }

    String text(String selector) {
        return again(() -> driver.findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .collect(Collectors.joining("\n")));
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    void waitFor(String words) {
        eventually(() -> {
            if (!text().contains(words)) {
                throw new AssertionError("not shown: " + words + "; but:\n" + text());
            }
        });
    }

    /** Clicks the button of this text within the part of the page. */
    void click(String within, String words) {
        eventually(() -> all(within + " button").stream()
                .filter(button -> button.getText().strip().equals(words))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no button " + words + " in " + within + ": " + text(within)))
                .click());
    }

    /** Opens the dialog of an action, and waits until the server has been asked. */
    void dialog(String button) {
        click("main", button);
        eventually(() -> {
            if (all("dialog[open] .confirm").isEmpty()) {
                throw new AssertionError("no dialog");
            }
        });
    }

    void type(String selector, String words) {
        eventually(() -> driver.findElement(By.cssSelector(selector)).sendKeys(words));
    }

    /** Confirms the open dialog once it may be confirmed, and waits until it is gone. */
    void confirm() {
        eventually(() -> {
            WebElement button = driver.findElement(By.cssSelector("dialog[open] .confirm"));
            if (!button.isEnabled()) {
                throw new AssertionError("may not be confirmed: " + text("dialog"));
            }
            button.click();
        });
        eventually(() -> {
            if (!all("dialog[open]").isEmpty()) {
                throw new AssertionError("still open: " + text("dialog"));
            }
        });
    }

    void press(CharSequence key) {
        driver.switchTo().activeElement().sendKeys(key);
    }

    void escape() {
        press(Keys.ESCAPE);
    }

    /** Everything that the browser complained about since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(entry -> entry.getLevel() + " " + entry.getMessage())
                .toList();
    }

    private static <T> T again(Supplier<T> read) {
        for (int tries = 0; ; tries++) {
            try {
                return read.get();
            } catch (StaleElementReferenceException changed) {
                if (tries > 20) {
                    throw changed;
                }
            }
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
