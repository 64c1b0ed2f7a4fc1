package dev.taskqueue.dev;

import java.io.PrintStream;
import java.time.InstantSource;

/** Creates the board of a run and the screen that shows it. Each needs the other. */
final class Screens implements TaskBoard.Watcher {
    private final TaskBoard board = new TaskBoard(this);
    private final Screen screen;

    Screens(PrintStream out, boolean live) {
        InstantSource clock = InstantSource.system();
        screen = live
                ? new LiveScreen(out, clock, board::contents, TerminalSize::now, System.getenv("NO_COLOR") == null)
                : new PlainScreen(out, clock);
    }

    TaskBoard board() {
        return board;
    }

    Screen screen() {
        return screen;
    }

    @Override
    public void changed(QueueRow queue) {
        screen.changed(queue);
    }

    @Override
    public void changed(TaskRow task) {
        screen.changed(task);
    }
}
