using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.AppHost.Moving;

/// <summary>What <c>migrate</c> was asked for.</summary>
/// <param name="From">Where the installation is.</param>
/// <param name="To">Where it is to be.</param>
internal sealed record MigrateArguments(InstallationPlace From, InstallationPlace To)
{
    private const string FromSwitch = "--from";
    private const string ToSwitch = "--to";

    /// <summary>Reads the arguments behind the command's name: the parts of a place follow its switch, up to the next switch.</summary>
    /// <exception cref="StartupException">They cannot be read. The message holds no address.</exception>
    public static MigrateArguments Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var parts = new Dictionary<string, List<string>> { [FromSwitch] = [], [ToSwitch] = [] };
        List<string>? current = null;
        foreach (var argument in arguments)
        {
            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                var end = argument.IndexOf('=', StringComparison.Ordinal);
                if (!parts.TryGetValue(end < 0 ? argument : argument[..end], out current))
                {
                    throw new StartupException($"`{MigrateCommand.Name}` has the options {FromSwitch} and {ToSwitch} only.");
                }

                if (end >= 0)
                {
                    current.Add(argument[(end + 1)..]);
                }
            }
            else
            {
                (current ?? throw new StartupException($"`{MigrateCommand.Name}` takes {FromSwitch} and {ToSwitch} before what they are.")).Add(argument);
            }
        }

        if (parts.FirstOrDefault(part => part.Value.Count == 0).Key is { } missing)
        {
            throw new StartupException($"`{MigrateCommand.Name}` needs {missing}.");
        }

        var (from, to) = (InstallationPlace.Parse(parts[FromSwitch], environment), InstallationPlace.Parse(parts[ToSwitch], environment));
        if (from.Folder is null)
        {
            throw new StartupException($"{FromSwitch} needs the data folder too: what is not on servers is in it.");
        }

        to.UseFolder($"{from.Folder.TrimEnd('/', '\\')}-migrated");
        return IsInside(from.Folder, to.Folder!) || IsInside(to.Folder!, from.Folder)
            ? throw new StartupException("The data folders of both sides must be apart: the source stays as it is.")
            : new MigrateArguments(from, to);
    }

    private static bool IsInside(string folder, string other)
    {
        var relative = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(other));
        return relative == "." || (!Path.IsPathRooted(relative) && relative.Split(Path.DirectorySeparatorChar)[0] != "..");
    }
}
