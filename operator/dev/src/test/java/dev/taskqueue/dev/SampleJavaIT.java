package dev.taskqueue.dev;

class SampleJavaIT extends OrdersSample {
    SampleJavaIT() {
        super(ShopLanguage.JAVA);
    }
}
