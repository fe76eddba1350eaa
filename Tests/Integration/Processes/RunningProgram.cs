using System.Diagnostics;
using System.Globalization;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Processes;

/// <summary>A process of a service's program that a host started.</summary>
/// <param name="Id">The process.</param>
/// <param name="Role">What its settings say it is; null for the service itself.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record RunningProgram(int Id, string? Role, Uri Address)
{
    /// <summary>Those of one program, for example <c>Search</c>.</summary>
    public static List<RunningProgram> Find(TestHost host, string program)
    {
        var parent = host.ProcessId.ToString(CultureInfo.InvariantCulture);
        var found = new List<RunningProgram>();
        foreach (var process in Process.GetProcessesByName("dotnet"))
        {
            try
            {
                var command = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
                var stat = File.ReadAllText($"/proc/{process.Id}/stat");
                if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent && command.Any(part => part.EndsWith($"MemoryMesh.{program}.Api.dll", StringComparison.Ordinal)))
                {
                    var setting = $"{program}__Role=";
                    var role = File.ReadAllText($"/proc/{process.Id}/environ").Split('\0').FirstOrDefault(variable => variable.StartsWith(setting, StringComparison.Ordinal));
                    found.Add(new(process.Id, role?[setting.Length..], new Uri(command[Array.IndexOf(command, "--urls") + 1])));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }

        return found;
    }

    /// <summary>Ends it at once, as the kernel or a lost machine does.</summary>
    public void Kill()
    {
        using var process = Process.GetProcessById(Id);
        process.Kill();
        process.WaitForExit();
    }
}
