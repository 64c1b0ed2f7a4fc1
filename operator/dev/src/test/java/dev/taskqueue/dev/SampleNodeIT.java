package dev.taskqueue.dev;

class SampleNodeIT extends OrdersSample {
    SampleNodeIT() {
        super(ShopLanguage.NODE);
    }
}
