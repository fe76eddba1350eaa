using MemoryMesh.AppHost;

return args.Contains(ProcessHost.Switch) ? await ProcessHost.RunAsync(args)
    : args is [DemoCommand.Name] ? await DemoCommand.RunAsync()
    : await EmbeddedHost.RunAsync(args);
