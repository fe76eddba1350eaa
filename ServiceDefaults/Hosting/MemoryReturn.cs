using System.Diagnostics;
using System.Runtime.InteropServices;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Gives memory back to the system that a burst of work took: neither the garbage collector nor the allocator of C does so by itself while nothing asks for more.</summary>
/// <remarks>
/// A collection that gives everything back stops all threads for some hundredths of a second, so it waits for a quiet moment (<see cref="QuietMoments"/>). While the process works, what it
/// does not work with goes back: pieces that the allocator keeps, and every minute pages of the stores and of program files, of which a start reads far more than work does.
/// The latter follow two seconds later.
/// </remarks>
internal sealed partial class MemoryReturn(IEnumerable<ModuleStore> stores, IEnumerable<IMemoryHolder> holders, TimeProvider clock, ILogger<MemoryReturn> logger) : BackgroundService
{
    // The parameter of mallopt for the number of arenas, as malloc.h of glibc gives it.
    private const int ArenaMax = -8;

    /// <summary>Each arena keeps what its threads gave back; two are enough for the threads of SQLite and of cryptography, which hold them for moments.</summary>
    private const int Arenas = 2;

    private const long Megabyte = 1_048_576;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Far longer than it takes to load a program file.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    /// <summary>Bounds how much the allocator of C keeps. Early, as an arena that is there stays.</summary>
    public static void BoundArenas()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is null)
        {
            WithGlibc(static () => _ = SetOption(ArenaMax, Arenas));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var moments = new QuietMoments();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var moment = moments.Look(GC.GetTotalAllocatedBytes());
            if (moment == QuietMoment.None)
            {
                continue;
            }

            var (before, began) = (Environment.WorkingSet, Stopwatch.GetTimestamp());
            if (moment != QuietMoment.Work)
            {
                foreach (var store in stores)
                {
                    await store.ReleaseMemoryAsync(stoppingToken);
                }
            }

            if (moment == QuietMoment.Rest)
            {
                foreach (var holder in holders)
                {
                    holder.ReleaseMemory();
                }

                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }

            WithGlibc(static () => _ = Trim(0));
            var returned = Math.Max(0, before - Environment.WorkingSet) / Megabyte;
            var elapsed = Stopwatch.GetElapsedTime(began);
            LogReturned(logger, returned, elapsed, moment);
            if (moment != QuietMoment.Work)
            {
                var pages = ProgramPages.Unwritten();
                await Task.Delay(BetweenLooks, clock, stoppingToken);
                ProgramPages.GiveBack(pages);
            }
        }
    }

    /// <summary>Other libraries of C keep their memory in other ways.</summary>
    private static void WithGlibc(Action call)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            call();
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Nothing depends on it.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);

    [LoggerMessage(EventId = 1090, Level = LogLevel.Debug, Message = "Gave {Megabytes} MB back to the system in {Elapsed} ({Moment})")]
    private static partial void LogReturned(ILogger logger, long megabytes, TimeSpan elapsed, QuietMoment moment);
}
