using System.Diagnostics;
using System.Reflection;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Version and age of the running server.</summary>
public static class ProductVersion
{
    private static readonly DateTime StartedAt = Process.GetCurrentProcess().StartTime.ToUniversalTime();

    /// <summary>Version, for example <c>0.1.0</c>.</summary>
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Time since the process started.</summary>
    public static TimeSpan Uptime => DateTime.UtcNow - StartedAt;
}
