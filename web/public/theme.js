// Sets the colour scheme before the first paint. A file, not an inline script: the content security policy allows none.
(() => {
  const stored = localStorage.getItem('slipway-color-scheme');
  const dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
