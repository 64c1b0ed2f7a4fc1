package dev.taskqueue.dev;

class SamplePythonIT extends OrdersSample {
    SamplePythonIT() {
        super(ShopLanguage.PYTHON);
    }
}
