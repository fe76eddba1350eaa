using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MemoryMesh.AppHost;

/// <summary>A process of the process host. It prints through this one, gets no Ctrl-C of its own, and ends when this process does, however that ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int MaxHeld = 30;

    /// <summary>
    /// Linux sends the signal asked for with <c>--pdeathsig</c> when the <i>thread</i> that started the child ends, and the pool ends its threads
    /// when they are idle: children are started by a thread that stays.
    /// </summary>
    private static readonly StartingThread Starter = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _held = new();

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    /// <summary>Name, as in its log lines.</summary>
    public string Name { get; }

    /// <summary>Whether it ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code, once it ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that were held back.</summary>
    public string HeldOutput => string.Join(Environment.NewLine, _held);

    /// <summary>Done when it ended.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>Starts a process.</summary>
    /// <param name="name">Name; its lines are printed after <c>[name]</c>.</param>
    /// <param name="command">File and arguments.</param>
    /// <param name="environment">What it gets besides this process's environment.</param>
    /// <param name="quiet">Whether its output is held back, for <see cref="HeldOutput"/>: for a program with a log of its own.</param>
    public static async Task<ChildProcess> StartAsync(
        string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, bool quiet = false)
    {
        string[] full = [.. Detach(), .. command];
        var start = new ProcessStartInfo(full[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in full.AsSpan(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        var child = new ChildProcess(name, process);
        process.OutputDataReceived += (_, line) => child.Print(Console.Out, line.Data, quiet);
        process.ErrorDataReceived += (_, line) => child.Print(Console.Error, line.Data, quiet);
        await Starter.RunAsync(() => process.Start());
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Kills it at once.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to stop, and kills it when it did not within <paramref name="limit"/>.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (_process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
        }
        else
        {
            _ = Kill(_process.Id, SigTerm);
        }

        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Print(Console.Error, $"did not stop within {limit.TotalSeconds:0} s and is killed", held: false);
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(15));
        _process.Dispose();
    }

    /// <summary>A session of its own, so that Ctrl-C in the terminal reaches this process only; and an end when this process ends.</summary>
    private static string[] Detach()
        => OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid") && File.Exists("/usr/bin/setpriv")
            ? ["/usr/bin/setsid", "/usr/bin/setpriv", "--pdeathsig", "TERM", "--"]
            : [];

    private void Print(TextWriter writer, string? line, bool held)
    {
        if (string.IsNullOrEmpty(line))
        {
            return;
        }

        if (!held)
        {
            writer.WriteLine($"[{Name}] {line}");
            return;
        }

        _held.Enqueue(line);
        while (_held.Count > MaxHeld)
        {
            _held.TryDequeue(out _);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    /// <summary>A thread that lives as long as the process and runs what it is handed.</summary>
    private sealed class StartingThread
    {
        private readonly BlockingCollection<Action> _work = [];

        public StartingThread()
            => new Thread(() =>
            {
                foreach (var action in _work.GetConsumingEnumerable())
                {
                    action();
                }
            })
            {
                IsBackground = true,
                Name = "starter of processes",
            }.Start();

        public Task RunAsync(Action action)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _work.Add(() =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            });
            return done.Task;
        }
    }
}
