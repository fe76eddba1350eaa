using MemoryMesh.AppHost;

return args switch
{
    [DemoCommand.Name] => await DemoCommand.RunAsync(),
    ["docs"] => await DocsCommand.RunAsync(),
    _ when args.Contains(ProcessHost.Switch) => await ProcessHost.RunAsync(args),
    _ => await EmbeddedHost.RunAsync(args),
};
